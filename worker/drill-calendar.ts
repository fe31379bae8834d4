import type { Logger } from 'pino';
import { lastBefore, type Recurring } from '../model/calendar.js';
import type { ClusterRecord } from '../model/cluster.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';
import { isUnanswered } from './unanswered.js';

/** What drills are begun with. */
export interface DrillParts extends OwnJobParts {
  readonly store: OwnJobParts['store'] & Pick<Store, 'listClusters' | 'listJobs' | 'succeededDrills' | 'tellMissedDrills'>;
  readonly log: Logger;
}

/** What was missed for longer than this, in milliseconds, waits for the next time. */
const lateMs = 12 * 3_600_000;

/**
 * Begins drills of clusters that are ready when their calendars say so: each time once, however many workers look, and what was missed, while no worker ran or another job was in the way, within twelve hours. Notes how many of those
 * clusters have missed their drills.
 */
export async function followDrills(parts: DrillParts, now: Date = new Date()): Promise<void> {
  const succeeded = await parts.store.succeededDrills();
  let missed = 0;
  for await (const clusters of clusterPages(parts.store, { state: 'ready' })) {
    for (const { cluster } of clusters) {
      const { drills } = cluster.spec.recovery;
      if (drills === undefined) continue;
      const calendar = { cron: drills.schedule, timeZone: drills.timeZone };
      const due = lastBefore(calendar, now);
      // Nearly always: its jobs need not be looked at.
      if (Date.parse(succeeded.get(cluster.name) ?? cluster.createdAt) >= due.getTime()) continue;
      if (cluster.activeJob === null) await follow(parts, cluster, due, now);
      if (await hasMissed(parts, cluster, calendar, succeeded.get(cluster.name), due)) missed += 1;
    }
  }
  await parts.store.tellMissedDrills(missed);
}

async function follow(parts: DrillParts, cluster: ClusterRecord, due: Date, now: Date): Promise<void> {
  const isDue = now.getTime() - due.getTime() <= lateMs && (await isUnanswered(parts.store, cluster, due, { of: ({ recovery }) => recovery.drills, isAnswer: ({ kind }) => kind === 'drill' }));
  const id = isDue ? await beginOwnJob(parts, cluster, { kind: 'drill' }, now) : undefined;
  if (id !== undefined) parts.log.info({ jobId: id, cluster: cluster.name, due: due.toISOString() }, 'the time of a restore drill has come');
}

/** Whether two intervals of the calendar have gone by since a drill has succeeded; a calendar that is newer than that has not missed any. */
async function hasMissed({ store }: DrillParts, cluster: ClusterRecord, calendar: Recurring, succeededAt: string | undefined, due: Date): Promise<boolean> {
  let since = due;
  for (let interval = 0; interval < 2; interval += 1) since = lastBefore(calendar, new Date(since.getTime() - 1));
  if (succeededAt !== undefined && Date.parse(succeededAt) >= since.getTime()) return false;
  return isUnanswered(store, cluster, since, { of: ({ recovery }) => recovery.drills, isAnswer: () => false });
}
