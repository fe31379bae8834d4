import type { Logger } from 'pino';
import { lastBefore } from '../model/calendar.js';
import type { ClusterRecord } from '../model/cluster.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';
import { isUnanswered } from './unanswered.js';

/** What checks for drift are begun with. */
export interface DriftCheckParts extends OwnJobParts {
  readonly store: OwnJobParts['store'] & Pick<Store, 'listClusters' | 'listJobs' | 'getReport'>;
  readonly log: Logger;
}

/** What was missed for longer than this, in milliseconds, waits for the next time. */
const lateMs = 12 * 3_600_000;

/**
 * Has clusters that are ready looked through for drift when their calendars say so: each time once, however many workers look, and what was missed, while no worker ran or another job was in the way, within twelve hours.
 */
export async function followDriftChecks(parts: DriftCheckParts, now: Date = new Date()): Promise<void> {
  for await (const clusters of clusterPages(parts.store, { state: 'ready' })) {
    for (const { cluster } of clusters) {
      const { drift } = cluster.spec;
      if (drift === undefined || cluster.activeJob !== null) continue;
      const due = lastBefore({ cron: drift.schedule, timeZone: drift.timeZone }, now);
      if (now.getTime() - due.getTime() <= lateMs) await follow(parts, cluster, due, now);
    }
  }
}

async function follow(parts: DriftCheckParts, cluster: ClusterRecord, due: Date, now: Date): Promise<void> {
  const { store, log } = parts;
  // Nearly always there is one: its jobs need not be looked at.
  const last = await store.getReport(cluster.name, 'drift');
  if (last !== undefined && Date.parse(last.at) >= due.getTime()) return;
  if (!(await isUnanswered(store, cluster, due, { of: ({ drift }) => drift, isAnswer: ({ kind }) => kind === 'drift' }))) return;
  const id = await beginOwnJob(parts, cluster, { kind: 'drift' }, now);
  if (id !== undefined) log.info({ jobId: id, cluster: cluster.name, due: due.toISOString() }, 'the time of a check for drift has come');
}
