import { lastBefore } from '../model/calendar.js';
import type { ClusterRecord } from '../model/cluster.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Store } from '../store/store.js';
import { beginDue, type Calendar, type DueJobParts } from './due-jobs.js';

/** What checks for drift are begun with. */
export interface DriftCheckParts extends DueJobParts {
  readonly store: DueJobParts['store'] & Pick<Store, 'getReport'>;
}

const checks: Calendar = { of: driftCalendar, isAnswer: ({ kind }) => kind === 'drift' };

/** Has a cluster that is ready looked through for drift when its calendar says so. */
export async function followDriftChecks(parts: DriftCheckParts, cluster: ClusterRecord, now: Date): Promise<void> {
  const calendar = driftCalendar(cluster.spec);
  if (calendar === undefined || cluster.activeJob !== null) return;
  const at = lastBefore({ cron: calendar.schedule, timeZone: calendar.timeZone }, now);
  // Nearly always there is one: its jobs need not be looked at.
  const last = await parts.store.getReport(cluster.name, 'drift');
  if (last === undefined || Date.parse(last.at) < at.getTime()) await beginDue(parts, cluster, { kind: 'drift', at }, checks, now);
}

function driftCalendar({ drift }: ClusterSpec): { readonly schedule: string; readonly timeZone: string } | undefined {
  return drift?.schedule === undefined ? undefined : { schedule: drift.schedule, timeZone: drift.timeZone };
}
