import { z } from 'zod';
import { beginOnCurrent, type ChangeOptions } from '../change.js';
import { dryRunShape } from '../http/parameters.js';
import { operation } from '../operation.js';
import { acceptedAnswer } from './answers.js';
import { changeHeaders, changeProblems, clusterParams, requireComplete, requireControlPlane } from './cluster.js';

/** A call that switches all machines of a cluster. */
function switching(kind: 'hibernate' | 'wake', id: string, summary: string, description: string, admit: NonNullable<ChangeOptions['admit']>) {
  return operation({
    method: 'post',
    path: `/clusters/{name}/${kind}`,
    id,
    access: { role: 'operator', over: 'cluster' },
    tag: 'Clusters',
    summary,
    description,
    params: clusterParams,
    missing: 'cluster-not-found',
    query: z.strictObject({ ...dryRunShape }),
    headers: changeHeaders,
    responses: { 202: acceptedAnswer },
    problems: [...changeProblems, 'cluster-not-ready', 'cluster-incomplete'],
    handle: (call, context) => beginOnCurrent(call, context, kind, { dryRun: call.query.dryRun, admit }),
  });
}

export const hibernateCluster = switching('hibernate', 'hibernateCluster', 'Switch the machines of a cluster off',
  'etcd is saved, everything on the workers is told to end, the pools go down to no machine, and the control planes are switched off and keep their disks. From then on the cluster is `hibernated`, and takes nothing but to be woken or deleted. A dry run shows what it costs then.',
  (cluster) => requireComplete(cluster, 'hibernate', 'wake'));

export const wakeCluster = switching('wake', 'wakeCluster', 'Switch the machines of a cluster on',
  'The control planes first, and when their API server answers, the pools, as large as they were. A cluster that is awake is looked through and stays as it is.',
  requireControlPlane);
