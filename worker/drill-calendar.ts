import { lastBefore, type Recurring } from '../model/calendar.js';
import type { ClusterRecord } from '../model/cluster.js';
import type { Recovery } from '../model/recovery.js';
import { beginClusterDrill, type ClusterDrillParts } from './cluster-drills.js';
import { beginDue, isUnanswered, type Calendar } from './due-jobs.js';

/** The calendars of a cluster's drills, and what each of them begins. */
const calendars = {
  drill: {
    of: (recovery: Recovery) => recovery.drills,
    begin: (parts: ClusterDrillParts, cluster: ClusterRecord, at: Date, calendar: Calendar, now: Date) => beginDue(parts, cluster, { kind: 'drill', at }, calendar, now),
  },
  'cluster-drill': { of: (recovery: Recovery) => recovery.clusterDrills, begin: beginClusterDrill },
} as const;

/**
 * Begins the drills of a cluster that is ready when its calendars say so.
 * @param succeededAt when the last one of a kind that succeeded ended
 * @returns whether the cluster has missed its drills of a kind: two intervals of its calendar have gone by since one has succeeded
 */
export async function followDrills(parts: ClusterDrillParts, cluster: ClusterRecord, succeededAt: (kind: keyof typeof calendars) => string | undefined, now: Date): Promise<boolean> {
  const etcd = await follow(parts, cluster, 'drill', succeededAt('drill'), now);
  const whole = await follow(parts, cluster, 'cluster-drill', succeededAt('cluster-drill'), now);
  return etcd || whole;
}

async function follow(parts: ClusterDrillParts, cluster: ClusterRecord, kind: keyof typeof calendars, succeededAt: string | undefined, now: Date): Promise<boolean> {
  const { of, begin } = calendars[kind];
  const drills = of(cluster.spec.recovery);
  if (drills === undefined) return false;
  const recurring = { cron: drills.schedule, timeZone: drills.timeZone };
  const at = lastBefore(recurring, now);
  // Nearly always: its jobs need not be looked at.
  if (Date.parse(succeededAt ?? cluster.createdAt) >= at.getTime()) return false;
  const calendar: Calendar = { of: ({ recovery }) => of(recovery), isAnswer: (job) => job.kind === kind };
  await begin(parts, cluster, at, calendar, now);
  return hasMissed(parts, cluster, calendar, recurring, succeededAt, at);
}

/** A calendar that is newer than two of its intervals has not missed any. */
async function hasMissed({ store }: ClusterDrillParts, cluster: ClusterRecord, calendar: Calendar, recurring: Recurring, succeededAt: string | undefined, due: Date): Promise<boolean> {
  let since = due;
  for (let interval = 0; interval < 2; interval += 1) since = lastBefore(recurring, new Date(since.getTime() - 1));
  if (succeededAt !== undefined && Date.parse(succeededAt) >= since.getTime()) return false;
  return isUnanswered(store, cluster, since, { ...calendar, isAnswer: () => false });
}
