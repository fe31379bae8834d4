import { z } from 'zod';
import { clusterStates, stateDuring, type ClusterRecord, type ClusterState } from '../../model/cluster.js';
import type { JobRecord } from '../../model/job.js';
import { phases } from '../../model/phases.js';
import { clusterPath } from './cluster.js';
import { jobPath } from './job.js';

/** What a cancelled job leaves behind, said before it has ended. */
export const remainsSchema = z.strictObject({
  clusterState: z.enum(clusterStates).nullable().describe('State that the cluster comes to; null for a preview, which changes none. A job that was done before it heard of its end succeeds all the same'),
  detail: z.string().describe('What is there, from what the job had done when it was cancelled'),
  next: z.array(z.strictObject({ call: z.string().describe('Method and path'), does: z.string() })).describe('What the caller can do once the job has ended'),
}).meta({ id: 'Remains' });
export type Remains = z.infer<typeof remainsSchema>;

/** What remains of a job that has just been cancelled, and of its cluster. */
export function remainsOf(job: JobRecord, cluster: ClusterRecord | undefined): Remains {
  // While it waits for a maintenance window it is no job of the cluster's yet.
  if (job.notBefore !== undefined && cluster !== undefined && cluster.lastJob?.id !== job.id) return { clusterState: cluster.state, detail: 'The job waited for a maintenance window. The cluster is as it was.', next: [] };
  return { clusterState: stateToCome(job, cluster), detail: detailOf(job), next: nextOf(job, cluster) };
}

function stateToCome(job: JobRecord, cluster: ClusterRecord | undefined): ClusterState | null {
  if (cluster === undefined) return null;
  if (cluster.nextJob !== null) return 'deleting';
  if (stateDuring[job.kind] === null) return cluster.state;
  if (job.state === 'cancelling') return job.cancellation?.force === true ? 'needs-repair' : 'failed';
  // A deletion that waited: the job that it waited for stays cancelled.
  return cluster.activeJob === null ? cluster.state : 'failed';
}

function detailOf(job: JobRecord): string {
  if (job.kind === 'preview') return 'A preview changes nothing, so nothing remains of it.';
  if (job.state === 'cancelled') return `The job had not begun. ${unbegun(job, job.kind)}`;
  const { done, total } = job.progress.resources;
  const progress = total === 0
    ? 'No resource has been dealt with yet'
    : `${done} of ${total} resources have been dealt with${job.phase === null ? '' : ` (phase "${phases[job.phase]}")`}`;
  const force = job.cancellation?.force === true
    ? ' It is killed once the grace period has passed; what it was doing at that moment is in doubt until the cluster is repaired.'
    : ' What it is doing at this moment is finished first.';
  return `${progress}. ${begun(job.kind)}${force}`;
}

function unbegun(job: JobRecord, kind: Exclude<JobRecord['kind'], 'preview'>): string {
  switch (kind) {
    case 'create': case 'cluster-drill': return job.intent.retryOf === null ? 'Nothing of the cluster exists but its record.' : 'What earlier tries made stays as it is.';
    case 'update': case 'upgrade': return 'The cluster is as it was; its record has the new spec, which is not applied.';
    case 'repair': case 'backup': case 'drift': case 'drill': case 'rotate': case 'restore': case 'restore-objects': case 'hibernate': case 'wake': return 'The cluster is as it was.';
    case 'delete': return 'What is there of the cluster stays.';
  }
}

function begun(kind: Exclude<JobRecord['kind'], 'preview'>): string {
  switch (kind) {
    case 'create': return 'What exists stays, and costs, until the cluster is completed or deleted.';
    case 'update': case 'repair': return 'What was changed stays changed; the rest is as it was.';
    case 'upgrade': return 'Machines that were replaced or upgraded stay so, and one that upgrades itself in place comes to its end; the rest is as it was. The upgrade, sent again, goes on from there.';
    case 'rotate': return 'What was made anew stays so; old and new work side by side.';
    case 'restore': return 'Until the control planes are stopped nothing of the cluster changes; from then on etcd is taken back before the job ends, and the rest stays as it is.';
    case 'restore-objects': return 'What has come back stays, and Velero goes on by itself with what it was asked for; nothing else of the cluster changes.';
    case 'hibernate': case 'wake': return 'Machines that were switched off or on stay so; hibernating or waking it, sent again, goes on from there.';
    case 'backup': return 'What was saved stays saved; the cluster is as it was.';
    case 'drift': return 'It only looks: the cluster is as it was.';
    case 'cluster-drill': return 'What exists of the cluster that was made for the drill stays, and costs, until it is deleted.';
    case 'drill': return 'The cluster is as it was. A control plane that has begun the drill ends it by itself, and clears it away.';
    case 'delete': return 'What was deleted is gone; the rest stays, and costs, until the deletion is completed.';
  }
}

function nextOf(job: JobRecord, cluster: ClusterRecord | undefined): Remains['next'] {
  const retry = { call: `POST ${jobPath(job.id)}/retry`, does: 'tries the same again, on what is there' };
  if (job.kind === 'preview' || cluster === undefined) return [retry];
  if (cluster.nextJob !== null) return [{ call: `GET ${jobPath(cluster.nextJob)}`, does: 'follows the deletion that begins when the job has ended' }];
  const path = clusterPath(cluster.name);
  const force = { call: `POST ${jobPath(job.id)}/cancel {"force": true}`, does: 'kills the operation when the grace period has passed; the cluster needs a repair then' };
  const repair = { call: `POST ${path}/repair`, does: 'settles what is in doubt and provisions towards the spec' };
  const remove = { call: `DELETE ${path}`, does: 'deletes what is there' };
  const behind = cluster.lastJob?.id === job.id ? [retry] : [];
  const canForce = job.state === 'cancelling' && job.cancellation?.force !== true ? [force] : [];
  switch (job.kind) {
    case 'create': case 'update': case 'repair': case 'upgrade': case 'rotate': case 'restore': case 'restore-objects': case 'hibernate': case 'wake':
      return [...behind, repair, remove, ...canForce];
    case 'backup': case 'drift': case 'drill':
      return [...behind, ...canForce];
    case 'cluster-drill':
      return [remove, ...behind, ...canForce];
    case 'delete':
      // Without its platform's stack a cluster cannot be repaired any more.
      return [...behind, remove, ...(platformStays(job) ? [repair] : []), ...canForce];
  }
}

function platformStays({ phases: all }: JobRecord): boolean {
  return all.some(({ name, state }) => name === 'drop-platform' && (state === 'pending' || state === 'skipped'));
}
