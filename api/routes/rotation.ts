import { z } from 'zod';
import type { ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import { hasOldAuthorities } from '../../model/expiry.js';
import { rotationRequestSchema, type Rotation } from '../../model/job-request.js';
import type { Store } from '../../store/store.js';
import { beginOnCurrent } from '../change.js';
import { checkedBody } from '../http/checked-body.js';
import { windowShape } from '../http/parameters.js';
import { operation } from '../operation.js';
import { acceptedAnswer } from './answers.js';
import { beginning, bodyProblems, changeHeaders, changeProblems, clusterParams, requireComplete } from './cluster.js';

export const rotateCluster = operation({
  method: 'post',
  path: '/clusters/{name}/rotate',
  id: 'rotateCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Make certificates or keys of a cluster anew',
  description: 'The control planes do it while the cluster runs: certificates on one after the other; a new key in steps, so that each of them can read what any other has written. Old and new work side by side until the end, and after a job that was cut off. New authorities and a new key of service accounts\' tokens take two jobs: `begin` has old and new trusted everywhere, `finish` takes the old ones away. Between those of authorities everybody fetches a new kubeconfig, and either replaces the machines of all pools; between those of the key an hour is best, for pods get new tokens meanwhile.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({ ...windowShape }),
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to make anew', schema: rotationRequestSchema.meta({ id: 'RotationRequest' }) },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready', 'cluster-incomplete', 'rotation-not-begun', 'outside-maintenance-window'],
  async handle(call, context) {
    const request = checkedBody(rotationRequestSchema, call.body);
    // As a worker has seen it last; whether all is trusted that has to be, the job looks at before it does anything.
    const isBegun = request.phase !== 'finish' || await hasBegun(context.store, call.params.name, request.what);
    const admit = (cluster: ClusterRecord): void => {
      requireComplete(cluster, 'rotate');
      if (!isBegun) throw new ClusterwrightError('rotation-not-begun', `No control plane of "${cluster.name}" has two ${request.what === 'ca' ? 'authorities' : 'keys of service accounts\' tokens'}.`, { resource: cluster.name });
    };
    return beginOnCurrent(call, context, 'rotate', { admit, request: { kind: 'rotate', ...request }, beginning: (cluster) => beginning(cluster, call.query) });
  },
});

async function hasBegun(store: Pick<Store, 'getReport'>, name: string, what: Rotation): Promise<boolean> {
  if (what === 'service-account-key') return (await store.getReport(name, 'service-account-key'))?.begun === true;
  return hasOldAuthorities((await store.getReport(name, 'expiries'))?.expiries ?? []);
}
