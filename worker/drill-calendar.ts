import { lastBefore, type Recurring } from '../model/calendar.js';
import type { ClusterRecord } from '../model/cluster.js';
import { beginDue, isUnanswered, type Calendar, type DueJobParts } from './due-jobs.js';

const drilling: Calendar = { of: ({ recovery }) => recovery.drills, isAnswer: ({ kind }) => kind === 'drill' };

/**
 * Begins a drill of a cluster that is ready when its calendar says so.
 * @param succeededAt when the last one that succeeded ended
 * @returns whether the cluster has missed its drills: two intervals of its calendar have gone by since one has succeeded
 */
export async function followDrills(parts: DueJobParts, cluster: ClusterRecord, succeededAt: string | undefined, now: Date): Promise<boolean> {
  const { drills } = cluster.spec.recovery;
  if (drills === undefined) return false;
  const calendar = { cron: drills.schedule, timeZone: drills.timeZone };
  const at = lastBefore(calendar, now);
  // Nearly always: its jobs need not be looked at.
  if (Date.parse(succeededAt ?? cluster.createdAt) >= at.getTime()) return false;
  await beginDue(parts, cluster, { kind: 'drill', at }, drilling, now);
  return hasMissed(parts, cluster, calendar, succeededAt, at);
}

/** A calendar that is newer than two of its intervals has not missed any. */
async function hasMissed({ store }: DueJobParts, cluster: ClusterRecord, calendar: Recurring, succeededAt: string | undefined, due: Date): Promise<boolean> {
  let since = due;
  for (let interval = 0; interval < 2; interval += 1) since = lastBefore(calendar, new Date(since.getTime() - 1));
  if (succeededAt !== undefined && Date.parse(succeededAt) >= since.getTime()) return false;
  return isUnanswered(store, cluster, since, { ...drilling, isAnswer: () => false });
}
