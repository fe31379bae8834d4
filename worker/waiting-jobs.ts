import type { Logger } from 'pino';
import { isIncomplete, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { jobError, type JobRecord } from '../model/job.js';
import { isOfMachineImages } from '../model/job-request.js';
import { isOpen } from '../model/maintenance.js';
import { upgradesFrom } from '../model/readiness.js';
import type { Store } from '../store/store.js';
import type { WindowOpen } from '../store/waiting.js';

/** What jobs that wait are begun with. */
export interface WaitingJobsParts {
  readonly store: Pick<Store, 'getCluster' | 'getJob' | 'waitingJobs' | 'windowOpen'>;
  readonly relay: { nudge(): void };
  readonly log: Logger;
}

/** Begins the jobs that have waited for a maintenance window where one is open, by the windows that the spec has now, and the cluster is awake and has nothing else to do. Each once, however many workers look. */
export async function beginWaitingJobs({ store, relay, log }: WaitingJobsParts, now: Date = new Date()): Promise<void> {
  for (const [name, id] of await store.waitingJobs()) {
    const [job, cluster] = await Promise.all([store.getJob(id), store.getCluster(name)]);
    if (job === undefined || cluster === undefined || !isTime(job, cluster, now)) continue;
    const next = nextOf(job, cluster);
    if (!(await store.windowOpen(job, cluster, next, now.toISOString()))) continue;
    relay.nudge();
    const about = { jobId: id, cluster: name, kind: job.kind };
    if ('error' in next) log.warn({ ...about, code: next.error.code }, 'a job that has waited for a maintenance window cannot begin');
    else log.info(about, 'a maintenance window is open for a job that has waited');
  }
}

function isTime({ notBefore }: JobRecord, { activeJob, state, spec }: ClusterRecord, now: Date): boolean {
  return activeJob === null && state !== 'hibernated' && now.getTime() >= Date.parse(notBefore ?? '') && isOpen(spec.maintenance, now);
}

/** What was asked for is applied to the cluster as it is by now, where that still can be. */
function nextOf({ kind, spec: { kubernetesVersion }, intent: { request } }: JobRecord, cluster: ClusterRecord): WindowOpen {
  const { name, spec, state } = cluster;
  if (kind !== 'upgrade' || isOfMachineImages(request)) {
    return isIncomplete(cluster, [kind]) ? { error: jobError(new ClusterwrightError('cluster-incomplete', `The cluster "${name}" is ${state}.`, { resource: name })) } : { spec };
  }
  return upgradesFrom(spec.kubernetesVersion).includes(kubernetesVersion) ? { spec: { ...spec, kubernetesVersion } }
    : { error: jobError(new ClusterwrightError('upgrade-not-ready', `The cluster "${name}" is in ${spec.kubernetesVersion} by now, and cannot go to ${kubernetesVersion}.`, { resource: name })) };
}
