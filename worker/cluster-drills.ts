import { clusterDrillRequest } from '../model/cluster-drill.js';
import { newCluster, type ClusterRecord } from '../model/cluster.js';
import { newUid } from '../model/ids.js';
import { isFinished } from '../model/job.js';
import { throwAwayName, throwAwaySpec } from '../model/throw-away.js';
import type { Store } from '../store/store.js';
import { isTooLate, isUnanswered, type Calendar, type DueJobParts } from './due-jobs.js';
import { ownJob } from './own-jobs.js';

/** What drills of whole clusters are begun with. */
export interface ClusterDrillParts extends DueJobParts {
  readonly store: DueJobParts['store'] & Pick<Store, 'createCluster' | 'nextSlot' | 'getReport'>;
}

/** How long it is known that a time of a calendar was answered, in seconds: longer than anybody would answer it. */
const answeredSeconds = 24 * 3_600;

/**
 * Begins a drill in a cluster that is made for it when a calendar wants one, each time once, however many workers look, and not while the one before is under way. The cluster that it is a drill of is only read from, so its own jobs are not in
 * the way. Where it has no backup with files yet there is nothing to try.
 */
export async function beginClusterDrill({ store, relay, log }: ClusterDrillParts, source: ClusterRecord, at: Date, calendar: Calendar, now: Date): Promise<void> {
  const { name, uid, simulated } = source;
  if (isTooLate(at, now) || !(await isUnanswered(store, source, at, calendar))) return;
  const { items: [last] } = await store.listJobs({ drillsOf: name, kind: 'cluster-drill' }, { limit: 1 });
  const isOfSource = last?.intent.request?.kind === 'cluster-drill' && last.intent.request.source.uid === uid;
  if (last !== undefined && isOfSource && (!isFinished(last.state) || Date.parse(last.createdAt) >= at.getTime())) return;
  const request = clusterDrillRequest(source, (await store.getReport(name, 'backups'))?.backups ?? [], now);
  if (request === undefined) return;
  const made = newUid();
  const spec = throwAwaySpec(source.spec, throwAwayName(made));
  const job = ownJob({ uid: made, simulated }, { kind: 'cluster-drill', spec, request }, now);
  const key = `cluster-drill:${uid}:${at.toISOString()}`;
  const { replayed } = await store.createCluster(newCluster(job, await store.nextSlot()), job, { key, fingerprint: key, ttlSeconds: answeredSeconds, answer: { status: 202, location: `/jobs/${job.id}` } });
  if (replayed) return;
  relay.nudge();
  log.info({ jobId: job.id, cluster: spec.name, of: name, kind: 'cluster-drill', due: at.toISOString() }, 'the time of a calendar has come');
}
