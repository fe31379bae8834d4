import type { Logger } from 'pino';
import type { ClusterRecord } from '../model/cluster.js';
import type { JobRecord } from '../model/job.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Store } from '../store/store.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';

/** What calendars begin jobs with. */
export interface DueJobParts extends OwnJobParts {
  readonly store: OwnJobParts['store'] & Pick<Store, 'listJobs'>;
  readonly log: Logger;
}

/** What a calendar of a cluster's spec is, and which jobs do what it wants. */
export interface Calendar {
  readonly of: (spec: ClusterSpec) => unknown;
  readonly isAnswer: (job: JobRecord) => boolean;
}

/** What a calendar wants, since when. */
export interface Due {
  readonly kind: 'hibernate' | 'wake' | 'drill' | 'drift';
  readonly at: Date;
}

/** What was missed for longer than this, in milliseconds, nobody expects any more. */
const lateMs = 12 * 3_600_000;
const pageSize = 50;

/** Begins what a calendar wants of a cluster that has nothing to do: each time once, however many workers look, and what was missed, while no worker ran or another job was in the way, within twelve hours. */
export async function beginDue(parts: DueJobParts, cluster: ClusterRecord, { kind, at }: Due, calendar: Calendar, now: Date): Promise<void> {
  if (cluster.activeJob !== null || isTooLate(at, now) || !(await isUnanswered(parts.store, cluster, at, calendar))) return;
  const id = await beginOwnJob(parts, cluster, { kind }, now);
  if (id !== undefined) parts.log.info({ jobId: id, cluster: cluster.name, kind, due: at.toISOString() }, 'the time of a calendar has come');
}

/** Whether nobody expects any more what was to be at a time. */
export function isTooLate(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > lateMs;
}

/** Whether no job since `at` has done what a calendar wanted then, and the calendar was what it is by that time. */
export async function isUnanswered(store: Pick<Store, 'listJobs'>, { name, uid, createdAt, spec }: ClusterRecord, at: Date, { of, isAnswer }: Calendar): Promise<boolean> {
  let cursor: string | undefined;
  do {
    const page = await store.listJobs({ cluster: name }, { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
    // Previews have the spec that was thought of.
    for (const job of page.items.filter((one) => one.uid === uid && one.kind !== 'preview')) {
      if (Date.parse(job.createdAt) < at.getTime()) return JSON.stringify(of(job.spec)) === JSON.stringify(of(spec));
      if (isAnswer(job)) return false;
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  // Its jobs are not known any more.
  return Date.parse(createdAt) < at.getTime();
}
