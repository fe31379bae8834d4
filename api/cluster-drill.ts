import { clusterDrillOf } from '../model/cluster-drill.js';
import { newCluster } from '../model/cluster.js';
import { faulty } from '../model/faults.js';
import { newUid } from '../model/ids.js';
import type { Json } from '../model/merge-patch.js';
import { boundsFor } from './auth/quota.js';
import { currentOf, type ClusterCall } from './change.js';
import type { Context } from './context.js';
import type { Reply } from './http/reply.js';
import { accepted, announce, idempotencyFor, jobFor } from './submission.js';

/**
 * Begins a drill of a whole cluster: a new cluster with the job that makes it, restores into it and deletes it again. It may be that the cluster which it is a drill of does not answer any more: only its backups are needed. Throws `invalid-body`
 * with every fault, and what creating a cluster throws. @param patch over the new cluster's spec
 */
export async function drillInThrowAway(call: ClusterCall & { requestId: string }, context: Context, patch: Json): Promise<Reply> {
  const { store } = context;
  const found = await currentOf(call, context);
  if ('repeated' in found) return found.repeated;
  const source = found.cluster;
  const backups = (await store.getReport(source.name, 'backups'))?.backups ?? [];
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
