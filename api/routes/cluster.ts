import { z } from 'zod';
import type { ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { clusterNamePattern } from '../../model/names.js';
import { resolvePatch } from '../../model/resolve.js';
import type { ClusterChange } from '../../store/contract.js';
import type { Store } from '../../store/store.js';
import type { Context } from '../context.js';
import { checkIfMatch, ifMatchSchema, versionTag } from '../http/conditional.js';
import { dryRunShape } from '../http/parameters.js';
import { json, type Reply } from '../http/reply.js';
import { operation } from '../operation.js';
import { accepted, announce, jobFor } from '../submission.js';
import { clusterView, clusterViewSchema } from '../views/cluster.js';
import { jobPath } from '../views/job.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';

/** Path parameters of all that belongs to one cluster. */
export const clusterParams = z.strictObject({ name: z.string().regex(clusterNamePattern) });

const ifMatchHeader = z.object({ 'If-Match': ifMatchSchema.optional().describe('The ETag that the change was made on') });

/** The cluster, or `cluster-not-found`. */
export async function existing(store: Pick<Store, 'getCluster'>, name: string): Promise<ClusterRecord> {
  const cluster = await store.getCluster(name);
  if (!cluster) throw new ClusterwrightError('cluster-not-found', `There is no cluster "${name}".`);
  return cluster;
}

export const getCluster = operation({
  method: 'get',
  path: '/clusters/{name}',
  id: 'getCluster',
  tag: 'Clusters',
  summary: 'Look at a cluster',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The cluster.', clusterViewSchema, { ETag: 'Version of the cluster, for `If-Match`' }) },
  async handle({ params: { name } }, { store }) {
    const [cluster, observation] = await Promise.all([existing(store, name), store.getObservation(name)]);
    return json(200, clusterView(cluster, observation, new Date()), { ETag: versionTag(cluster.version) });
  },
});

export const patchCluster = operation({
  method: 'patch',
  path: '/clusters/{name}',
  id: 'patchCluster',
  tag: 'Clusters',
  summary: 'Change a cluster',
  description: 'A JSON merge patch (RFC 7396) on the resolved spec: arrays are replaced whole. A patch that changes nothing applies the spec again.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject(dryRunShape),
  headers: ifMatchHeader,
  body: { mediaType: 'application/merge-patch+json', description: 'What is to change in the spec', component: 'ClusterPatch' },
  responses: { 202: acceptedAnswer },
  problems: ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-spec', 'immutable-field', 'precondition-failed', 'operation-in-progress', 'rate-limited'],
  handle(call, context) {
    return changeOnCurrent(call, context, call.query.dryRun, (cluster) => {
      const spec = resolvePatch(cluster.spec, call.body, context);
      const job = jobFor(call, context, { kind: call.query.dryRun ? 'preview' : 'update', change: 'update', spec, uid: cluster.uid });
      return { job, spec, state: 'updating' };
    });
  },
});

export const deleteCluster = operation({
  method: 'delete',
  path: '/clusters/{name}',
  id: 'deleteCluster',
  tag: 'Clusters',
  summary: 'Delete a cluster',
  description: 'The finished job carries a receipt of what was looked for, what is left and what was kept.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({ ...dryRunShape, retain: z.enum(['backups', 'none']).optional().describe('What is kept; by default what the spec says in `deletion.retain`') }),
  headers: ifMatchHeader,
  responses: { 202: acceptedAnswer },
  problems: ['precondition-failed', 'operation-in-progress', 'rate-limited'],
  handle(call, context) {
    return changeOnCurrent(call, context, call.query.dryRun, (cluster) => {
      const wanted = { change: 'delete', spec: cluster.spec, uid: cluster.uid, retain: call.query.retain } as const;
      const job = jobFor(call, context, { kind: call.query.dryRun ? 'preview' : 'delete', ...wanted });
      return { job, state: 'deleting' };
    });
  },
});

/** How often a change without `If-Match` is worked out again because the cluster changed under it. */
const rounds = 5;

/**
 * Works out a change on the current record and writes it only if the record is still that one: two patches at once never lose one of
 * them. The caller hears of a lost race only where it asked to, by `If-Match`.
 */
async function changeOnCurrent(
  call: { params: { name: string }; headers: { 'If-Match'?: string | undefined } },
  context: Context,
  dryRun: boolean,
  changeOf: (cluster: ClusterRecord) => Omit<ClusterChange, 'expectedVersion'>,
): Promise<Reply> {
  const ifMatch = call.headers['If-Match'];
  for (let round = 1; ; round += 1) {
    const cluster = await existing(context.store, call.params.name);
    checkIfMatch(ifMatch, cluster.version);
    if (!dryRun && cluster.activeJob !== null) {
      throw new ClusterwrightError('operation-in-progress', `Job ${cluster.activeJob} of the cluster is not finished.`, { job: jobPath(cluster.activeJob) });
    }
    const change = changeOf(cluster);
    if (dryRun) {
      const { job } = await context.store.submitPreview(change.job);
      announce(context, job);
      return accepted(job, undefined);
    }
    try {
      const written = await context.store.changeCluster(cluster.name, { ...change, expectedVersion: cluster.version });
      announce(context, written.job);
      return accepted(written.job, written.cluster);
    } catch (error) {
      const lostRace = isClusterwrightError(error) && error.code === 'precondition-failed';
      if (!lostRace || round === rounds) throw error;
      // With If-Match the next round answers 412 by itself, unless the header is "*".
    }
  }
}
