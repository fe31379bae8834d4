import { clusterDrillOf } from '../model/cluster-drill.js';
import { newCluster } from '../model/cluster.js';
import { faulty } from '../model/faults.js';
import { newUid } from '../model/ids.js';
import type { Json } from '../model/merge-patch.js';
import { mayOver } from '../model/tenancy.js';
import { noCluster } from './auth/access.js';
import { boundsFor } from './auth/quota.js';
import type { ClusterCall } from './change.js';
import type { Context } from './context.js';
import { checkIfMatch } from './http/conditional.js';
import type { Reply } from './http/reply.js';
import { accepted, announce, idempotencyFor, jobFor, repeatedAnswer } from './submission.js';

/**
 * Begins a drill of a whole cluster: a new cluster with the job that makes it, restores into it and deletes it again. It may be that the cluster which it is a drill of does not answer any more: only its backups are needed. Throws `invalid-body`
 * with every fault, and what creating a cluster throws. @param patch over the new cluster's spec
 */
export async function drillInThrowAway(call: ClusterCall & { requestId: string }, context: Context, patch: Json): Promise<Reply> {
  const { store } = context;
  const { name } = call.params;
  const source = await store.getCluster(name);
  const repeated = await repeatedAnswer(call, context);
  if (repeated !== undefined) return repeated;
  if (source === undefined || !mayOver(call.caller, 'operator', source.spec.owner)) throw noCluster(name);
  checkIfMatch(call.headers['If-Match'], source.version);
  const backups = (await store.getReport(name, 'backups'))?.backups ?? [];
  const uid = newUid();
  const drill = clusterDrillOf({ source, backups, uid, patch, now: new Date() }, context);
  if ('faults' in drill) throw faulty('invalid-body', drill.faults);
  const { spec, request } = drill;
  const bounds = await boundsFor(context, spec);
  const job = jobFor(call, context, { kind: 'cluster-drill', change: 'cluster-drill', spec, uid, request });
  const submission = await store.createCluster(newCluster(job, await store.nextSlot()), job, idempotencyFor(call, job), bounds);
  if (!submission.replayed) announce(context, submission.job);
  return accepted(submission.job, submission.cluster, submission.answer);
}
