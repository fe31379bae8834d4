import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { followDriftChecks, type DriftCheckParts } from './drift-calendar.js';
import { followDrills } from './drill-calendar.js';
import { followHibernation } from './hibernation-calendar.js';

/** What calendars are followed with. */
export interface CalendarParts extends DriftCheckParts {
  readonly store: DriftCheckParts['store'] & Pick<Store, 'listClusters' | 'succeededDrills' | 'tellMissedDrills'>;
}

/** Goes through the fleet once for all calendars of its clusters: begins what their times have come for, and notes how many have missed their drills. */
export async function followCalendars(parts: CalendarParts, now: Date = new Date()): Promise<void> {
  const succeeded = await parts.store.succeededDrills();
  let missed = 0;
  for (const state of ['ready', 'hibernated'] as const) {
    for await (const clusters of clusterPages(parts.store, { state })) {
      for (const { cluster } of clusters) {
        await followHibernation(parts, cluster, now);
        if (state !== 'ready') continue;
        await followDriftChecks(parts, cluster, now);
        if (await followDrills(parts, cluster, succeeded.get(cluster.name), now)) missed += 1;
      }
    }
  }
  await parts.store.tellMissedDrills(missed);
}
