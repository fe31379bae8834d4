import type { ClusterRecord } from '../model/cluster.js';
import type { JobRecord } from '../model/job.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Store } from '../store/store.js';

const pageSize = 50;

/** What a calendar of a cluster's spec is, and which jobs do what it wants. */
export interface Calendar {
  readonly of: (spec: ClusterSpec) => unknown;
  readonly isAnswer: (job: JobRecord) => boolean;
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
