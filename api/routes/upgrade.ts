import { z } from 'zod';
import { stateDuring, type ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { Json } from '../../model/merge-patch.js';
import { machineImagesSchema, type JobRequest } from '../../model/job-request.js';
import { imagedMachineSchema, machineImageSchema } from '../../model/machine-images.js';
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
import { beginning, bodyProblems, changeHeaders, changeProblems, clusterParams, requireComplete, requireControlPlane } from './cluster.js';

const upgradeShape = z.strictObject({
  kubernetesVersion: z.enum(kubernetesVersions).optional().describe('The minor to go to: the next one, or the cluster\'s own to end an upgrade that was stopped'),
  inPlace: z.boolean().optional().describe('`true`: leave machines where they are, and bring the other minor to them, one at a time; for where they cannot be replaced. Beside `kubernetesVersion` only'),
  machineImages: machineImagesSchema.optional().describe('`current`: replace the machines that were made from an older image than the cloud has now, or in an older release of the cluster\'s minor; instead of `kubernetesVersion`'),
});
type Upgrade = z.infer<typeof upgradeShape>;

const upgradeSchema = upgradeShape.superRefine(({ kubernetesVersion, machineImages, inPlace = false }, context) => {
  const fault = (field: keyof Upgrade, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if (kubernetesVersion === undefined && machineImages === undefined) fault('kubernetesVersion', 'is needed, or `machineImages`');
  if (kubernetesVersion !== undefined && machineImages !== undefined) fault('machineImages', 'is not possible beside `kubernetesVersion`: an upgrade takes the current image anyway');
  if (inPlace && machineImages !== undefined) fault('inPlace', 'is not possible beside `machineImages`: a machine keeps its image until it is replaced');
  else if (inPlace && kubernetesVersion === undefined) fault('inPlace', 'is possible beside `kubernetesVersion` only');
}).meta({ id: 'Upgrade' });

export const upgradeCluster = operation({
  method: 'post',
  path: '/clusters/{name}/upgrade',
  id: 'upgradeCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Upgrade a cluster to the next minor of Kubernetes, or its machines to the current image',
  description: 'Every machine is replaced by a new one: the control planes one at a time, then the pools. With `inPlace` machines stay and are upgraded where they are, in the same order. With `machineImages` only those are that are behind, within the cluster\'s minor; where none is, the job succeeds and has replaced nothing. The job begins by looking at what could go wrong, which `upgrade-readiness` then has. A dry run looks and changes nothing. Sent again, it goes on where an upgrade was stopped.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({ ...dryRunShape, ...windowShape }),
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to bring it to', schema: upgradeSchema },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready', 'cluster-incomplete', 'outside-maintenance-window'],
  handle(call, context) {
    const { dryRun } = call.query;
    return changeOnCurrent(call, context, { dryRun, admit: requireControlPlane }, (cluster) => {
      const notBefore = dryRun ? undefined : beginning(cluster, call.query);
      const { spec, request } = wanted(call.body, cluster);
      const job = jobFor(call, context, { kind: dryRun ? 'preview' : 'upgrade', change: 'upgrade', spec, uid: cluster.uid, request, notBefore });
      return notBefore === undefined ? { job, spec, state: stateDuring.upgrade } : { job, state: null };
    });
  },
});

/** What is asked for: another minor in the spec, or a request beside it. Throws `invalid-body`, and `cluster-incomplete` where something else than an upgrade is to be ended first. */
function wanted(body: Json, cluster: ClusterRecord): { readonly spec: ClusterSpec; readonly request?: JobRequest } {
  const { kubernetesVersion, machineImages, inPlace } = checkedBody(upgradeSchema, body);
  if (kubernetesVersion !== undefined) return { spec: { ...cluster.spec, kubernetesVersion: next(kubernetesVersion, cluster.spec) }, ...(inPlace === true ? { request: { kind: 'upgrade', inPlace } } : {}) };
  requireComplete(cluster, 'upgrade');
  return { spec: cluster.spec, request: { kind: 'upgrade', machineImages: machineImages ?? 'current' } };
}

function next(kubernetesVersion: KubernetesVersion, { kubernetesVersion: now }: ClusterSpec): KubernetesVersion {
  const possible = upgradesFrom(now);
  if (possible.includes(kubernetesVersion)) return kubernetesVersion;
  const detail = `must be ${possible.join(' or ')}: the cluster is in ${now}, and an upgrade goes forward, one minor at a time`;
  throw new ClusterwrightError('invalid-body', `The cluster cannot go from ${now} to ${kubernetesVersion}.`, { faults: [{ pointer: '/kubernetesVersion', detail }] });
}

const readinessSchema = z.strictObject({
  kubernetesVersion: z.enum(kubernetesVersions).nullable().describe('The minor that was thought of; null if nobody has looked yet'),
  checks: z.array(checkResultSchema.meta({ id: 'ReadinessCheck' })),
  observedAt: timeSchema.nullable().describe('When it was looked at last; null if it never was'),
  machineImages: z.strictObject({
    current: machineImageSchema.meta({ id: 'MachineImage' }).describe('What machines are made from now'),
    kubernetesRelease: z.string().describe('The release that they are made in now'),
    machines: z.array(imagedMachineSchema.meta({ id: 'ImagedMachine' })),
    observedAt: timeSchema,
  }).nullable().describe('What the machines were made from, which a worker looks at every hour, and after each job; null as long as none has'),
}).meta({ id: 'UpgradeReadiness' });

export const getUpgradeReadiness = operation({
  method: 'get',
  path: '/clusters/{name}/upgrade-readiness',
  id: 'getUpgradeReadiness',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'See what stands in the way of an upgrade, and which machines are behind',
  description: 'Checks are as the last upgrade, or the last dry run of one, has seen it. `POST /clusters/{name}/upgrade?dryRun=true` looks anew.',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The checks.', readinessSchema) },
  async handle({ params: { name } }, { store }) {
    const [report, images] = await Promise.all([store.getReport(name, 'upgrade-readiness'), store.getReport(name, 'machine-images')]);
    const machineImages = images === undefined ? null : { current: images.current, kubernetesRelease: images.kubernetesRelease, machines: images.machines, observedAt: images.at };
    return json(200, { kubernetesVersion: report?.kubernetesVersion ?? null, checks: report?.checks ?? [], observedAt: report?.at ?? null, machineImages });
  },
});
