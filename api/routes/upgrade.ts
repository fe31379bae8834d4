import { z } from 'zod';
import { stateDuring } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { Json } from '../../model/merge-patch.js';
import { checkResultSchema, upgradesFrom } from '../../model/readiness.js';
import { kubernetesVersions, type ClusterSpec, type KubernetesVersion } from '../../model/spec.js';
import { changeOnCurrent } from '../change.js';
import { checkedBody } from '../http/checked-body.js';
import { dryRunShape, windowShape } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jobFor } from '../submission.js';
import { timeSchema } from '../views/times.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { beginning, bodyProblems, changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

const upgradeSchema = z.strictObject({
  kubernetesVersion: z.enum(kubernetesVersions).describe('The minor to go to: the next one, or the cluster\'s own to end an upgrade that was stopped'),
}).meta({ id: 'Upgrade' });

export const upgradeCluster = operation({
  method: 'post',
  path: '/clusters/{name}/upgrade',
  id: 'upgradeCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Upgrade a cluster to the next minor of Kubernetes',
  description: 'Every machine is replaced by a new one: the control planes one at a time, then the pools. The job begins by looking at what could go wrong, which `upgrade-readiness` then has. A dry run looks and changes nothing. Sent again, it goes on where an upgrade was stopped.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({ ...dryRunShape, ...windowShape }),
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'Where to', schema: upgradeSchema },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready', 'outside-maintenance-window'],
  handle(call, context) {
    const { dryRun } = call.query;
    return changeOnCurrent(call, context, { dryRun, admit: requireControlPlane }, (cluster) => {
      const notBefore = dryRun ? undefined : beginning(cluster, call.query);
      const spec = { ...cluster.spec, kubernetesVersion: wanted(call.body, cluster.spec) };
      const job = jobFor(call, context, { kind: dryRun ? 'preview' : 'upgrade', change: 'upgrade', spec, uid: cluster.uid, notBefore });
      return notBefore === undefined ? { job, spec, state: stateDuring.upgrade } : { job, state: null };
    });
  },
});

/** The minor that is asked for. Throws `invalid-body`. */
function wanted(body: Json, { kubernetesVersion: now }: ClusterSpec): KubernetesVersion {
  const { kubernetesVersion } = checkedBody(upgradeSchema, body);
  const possible = upgradesFrom(now);
  if (possible.includes(kubernetesVersion)) return kubernetesVersion;
  const detail = `must be ${possible.join(' or ')}: the cluster is in ${now}, and an upgrade goes forward, one minor at a time`;
  throw new ClusterwrightError('invalid-body', `The cluster cannot go from ${now} to ${kubernetesVersion}.`, { faults: [{ pointer: '/kubernetesVersion', detail }] });
}

const readinessSchema = z.strictObject({
  kubernetesVersion: z.enum(kubernetesVersions).nullable().describe('The minor that was thought of; null if nobody has looked yet'),
  checks: z.array(checkResultSchema.meta({ id: 'ReadinessCheck' })),
  observedAt: timeSchema.nullable().describe('When it was looked at last; null if it never was'),
}).meta({ id: 'UpgradeReadiness' });

export const getUpgradeReadiness = operation({
  method: 'get',
  path: '/clusters/{name}/upgrade-readiness',
  id: 'getUpgradeReadiness',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'See what stands in the way of an upgrade',
  description: 'As the last upgrade, or the last dry run of one, has seen it. `POST /clusters/{name}/upgrade?dryRun=true` looks anew.',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The checks.', readinessSchema) },
  async handle({ params: { name } }, { store }) {
    const report = await store.getReport(name, 'upgrade-readiness');
    return json(200, { kubernetesVersion: report?.kubernetesVersion ?? null, checks: report?.checks ?? [], observedAt: report?.at ?? null });
  },
});
