import type { ClusterRecord } from '../model/cluster.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { followDriftChecks, type DriftCheckParts } from './drift-calendar.js';
import type { ClusterDrillParts } from './cluster-drills.js';
import { followDrills } from './drill-calendar.js';
import { forgetExpiredGrants } from './expired-grants.js';
import { followHibernation } from './hibernation-calendar.js';

/** What calendars are followed with. */
export interface CalendarParts extends DriftCheckParts {
  readonly store: DriftCheckParts['store'] & ClusterDrillParts['store'] & Pick<Store, 'listClusters' | 'succeededDrills' | 'tellMissedDrills'>;
}

/** Goes through the fleet once for all that its clusters want at a time: begins what their calendars have come to, forgets grants that have ended, and notes how many clusters have missed their drills. */
export async function followCalendars(parts: CalendarParts, now: Date = new Date()): Promise<void> {
  const [drills, clusterDrills] = await Promise.all([parts.store.succeededDrills('drill'), parts.store.succeededDrills('cluster-drill')]);
  let missed = 0;
  for (const state of ['ready', 'hibernated'] as const) {
    for await (const clusters of clusterPages(parts.store, { state })) {
      for (const { cluster } of clusters) {
        // One cluster's fault is not the others'.
        const hasMissed = await follow(parts, cluster, (kind) => (kind === 'drill' ? drills : clusterDrills).get(cluster.name), now).catch((error: unknown) => parts.log.warn({ err: error, cluster: cluster.name }, 'the calendars of a cluster could not be followed'));
        if (hasMissed === true) missed += 1;
      }
    }
  }
  await parts.store.tellMissedDrills(missed);
}

/** @returns whether the cluster has missed its drills */
async function follow(parts: CalendarParts, cluster: ClusterRecord, drilledAt: Parameters<typeof followDrills>[2], now: Date): Promise<boolean> {
  await followHibernation(parts, cluster, now);
  if (cluster.state !== 'ready') return false;
  await forgetExpiredGrants(parts, cluster, now);
  await followDriftChecks(parts, cluster, now);
  return followDrills(parts, cluster, drilledAt, now);
}
