import { z } from 'zod';
import { grantsAt, withGrants } from '../../model/access-grants.js';
import { isIncomplete, stateDuring, type ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { JobKind } from '../../model/job.js';
import { isOpen, nextOpening } from '../../model/maintenance.js';
import { clusterNamePattern } from '../../model/names.js';
import { dataLostBy } from '../../model/platform.js';
import { resolvePatch } from '../../model/resolve.js';
import type { ClusterSpec } from '../../model/spec.js';
import { noCluster, requireOver } from '../auth/access.js';
import { beginOnCurrent, changeOnCurrent } from '../change.js';
import { ifMatchSchema, versionTag } from '../http/conditional.js';
import { idempotencyHeader } from '../http/idempotency.js';
import { dryRunShape, flagSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jobFor } from '../submission.js';
import { clusterView, clusterViewSchema } from '../views/cluster.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';

/** Path parameters of all that belongs to one cluster. */
export const clusterParams = z.strictObject({ name: z.string().regex(clusterNamePattern) });

/** Headers of all that changes a cluster or begins something on it. */
export const changeHeaders = z.object({ 'If-Match': ifMatchSchema.optional().describe('The ETag that the change was made on'), ...idempotencyHeader });

/** What all that takes a body in JSON can answer. */
export const bodyProblems = ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-body'] as const;
/** What all that begins a job on a cluster can answer. */
export const changeProblems = ['idempotency-key-reused', 'precondition-failed', 'operation-in-progress', 'cluster-hibernated'] as const;

/** Throws where a cluster never had a control plane that could do anything. */
export function requireControlPlane({ name, connection }: ClusterRecord): void {
  if (connection === null) throw new ClusterwrightError('cluster-not-ready', `The cluster "${name}" has never had a control plane.`, { resource: name });
}

/** Throws where the cluster waits for something else: a job that succeeds would hide that its last change has not. What a job of one of these kinds has left in the middle may be gone on with. */
export function requireComplete(cluster: ClusterRecord, ...kinds: readonly JobKind[]): void {
  requireControlPlane(cluster);
  const { name, state } = cluster;
  if (isIncomplete(cluster, kinds)) throw new ClusterwrightError('cluster-incomplete', `The cluster "${name}" is ${state}.`, { resource: name });
}

/** Before when what can wait does not begin: undefined where it may now. Throws where it is asked for outside the cluster's maintenance windows and not to wait. */
export function beginning({ name, spec: { maintenance } }: ClusterRecord, { urgent, when }: { readonly urgent: boolean; readonly when: 'now' | 'window' }): string | undefined {
  const now = new Date();
  if (urgent || maintenance === undefined || isOpen(maintenance, now)) return undefined;
  const opens = nextOpening(maintenance, now).toISOString();
  if (when === 'window') return opens;
  throw new ClusterwrightError('outside-maintenance-window', `The next maintenance window of "${name}" opens at ${opens}.`, { resource: name });
}

export const getCluster = operation({
  method: 'get',
  path: '/clusters/{name}',
  id: 'getCluster',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Look at a cluster',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The cluster.', clusterViewSchema, { ETag: 'Version of the cluster, for `If-Match`' }) },
  async handle({ params: { name }, found: { cluster } }, { store }) {
    if (cluster === undefined) throw noCluster(name);
    const observation = await store.getObservation(name);
    return json(200, clusterView(cluster, observation, new Date()), { ETag: versionTag(cluster.version) });
  },
});

export const patchCluster = operation({
  method: 'patch',
  path: '/clusters/{name}',
  id: 'patchCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Change a cluster',
  description: 'A JSON merge patch (RFC 7396) on the resolved spec: arrays are replaced whole, but a pool or namespace that is there keeps what the patch does not say of it. A patch that changes nothing applies the spec again.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({
    ...dryRunShape,
    allowDataLoss: flagSchema.meta({ type: 'boolean', default: false, description: 'Take an add-on away although data goes with it. A dry run takes nothing away, and needs no leave.' }),
  }),
  headers: changeHeaders,
  body: { mediaType: 'application/merge-patch+json', description: 'What is to change in the spec', schema: 'ClusterPatch' },
  responses: { 202: acceptedAnswer },
  problems: ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-spec', 'owner-quota-exceeded', 'immutable-field', 'data-would-be-lost', ...changeProblems],
  handle(call, context) {
    const { dryRun, allowDataLoss } = call.query;
    return changeOnCurrent(call, context, { dryRun }, (cluster) => {
      const spec = resolvePatch(withGrants(cluster.spec, grantsAt(cluster.spec, new Date())), call.body, context);
      if (spec.owner !== cluster.spec.owner) requireOver(call.caller, 'operator', spec.owner);
      if (!dryRun && !allowDataLoss) refuseDataLoss(cluster.spec, spec);
      const job = jobFor(call, context, { kind: dryRun ? 'preview' : 'update', change: 'update', spec, uid: cluster.uid });
      return { job, spec, state: stateDuring.update };
    });
  },
});

function refuseDataLoss(before: ClusterSpec, after: ClusterSpec): void {
  const lost = dataLostBy(before.platform, after.platform);
  if (lost.length === 0) return;
  throw new ClusterwrightError('data-would-be-lost', `What would be lost: ${lost.map(({ data }) => data).join('; ')}.`, {
    resource: before.name, faults: lost.map(({ capability, data }) => ({ pointer: `/platform/${capability}`, detail: `would lose ${data}` })),
  });
}

function refuseProtected({ name, spec }: ClusterRecord): void {
  if (spec.protect) throw new ClusterwrightError('cluster-protected', `The cluster "${name}" has "protect": true in its spec.`, { resource: name });
}

export const deleteCluster = operation({
  method: 'delete',
  path: '/clusters/{name}',
  id: 'deleteCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Delete a cluster',
  description: 'The finished job carries a receipt of what was looked for, what is left and what was kept.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({
    ...dryRunShape,
    retain: z.enum(['backups', 'none']).optional().describe('What is kept; by default what the spec says in `deletion.retain`'),
    cancelRunning: flagSchema.meta({
      type: 'boolean', default: false, description: 'Cancel the unfinished job first: the deletion waits for its end. Without it an unfinished job is answered with 409. A dry run cancels nothing.',
    }),
  }),
  headers: changeHeaders,
  responses: { 202: acceptedAnswer },
  problems: ['idempotency-key-reused', 'precondition-failed', 'cluster-protected', 'operation-in-progress'],
  handle(call, context) {
    const { dryRun, retain, cancelRunning } = call.query;
    return changeOnCurrent(call, context, { dryRun, cancelRunning, admit: refuseProtected }, (cluster) => {
      const job = jobFor(call, context, { kind: dryRun ? 'preview' : 'delete', change: 'delete', spec: cluster.spec, uid: cluster.uid, retain });
      return { job, state: stateDuring.delete };
    });
  },
});

export const repairCluster = operation({
  method: 'post',
  path: '/clusters/{name}/repair',
  id: 'repairCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Repair a cluster',
  description: 'Clears what a dead operation left, reads what exists, and provisions on towards the spec as it is. Can be repeated; a healthy cluster is verified and stays as it is.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  responses: { 202: acceptedAnswer },
  problems: changeProblems,
  handle(call, context) {
    return beginOnCurrent(call, context, 'repair');
  },
});
