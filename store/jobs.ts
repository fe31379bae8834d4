import { jobStates, type JobRecord, type JobState } from '../model/job.js';
import type { Page, PageRequest } from './contract.js';
import { cursorBehind, itemBefore } from './cursor.js';
import { jobFields, jobFrom } from './fields.js';
import { key } from './keys.js';
import type { Link } from './link.js';

/** A job by its id. */
export async function getJob(link: Link, id: string): Promise<JobRecord | undefined> {
  return jobFrom(await link.call((redis) => redis.hmget(key('job', id), ...jobFields)));
}

/** The jobs of some ids, in their order; those that are not there are left out. */
export async function getJobs(link: Link, ids: readonly string[]): Promise<JobRecord[]> {
  const replies = await link.call((redis) => Promise.all(ids.map((id) => redis.hmget(key('job', id), ...jobFields))));
  return replies.flatMap((reply) => jobFrom(reply) ?? []);
}

/** A page of jobs, the newest first: ids are ULIDs, so their order is that of time. */
export async function listJobs(link: Link, { cluster }: { cluster?: string }, { limit, cursor }: PageRequest): Promise<Page<JobRecord>> {
  const index = cluster === undefined ? key('jobs') : key('jobs', 'cluster', cluster);
  const from = cursor === undefined ? '+' : `(${itemBefore('jobs', cursor)}`;
  const ids = await link.call((redis) => redis.zrevrangebylex(index, from, '-', 'LIMIT', 0, limit + 1));
  const shown = ids.slice(0, limit);
  const last = shown.at(-1);
  return { items: await getJobs(link, shown), nextCursor: ids.length > limit && last !== undefined ? cursorBehind('jobs', last) : null };
}

/** How many jobs there are in each state. */
export async function countJobs(link: Link): Promise<Record<JobState, number>> {
  const counts = await link.call((redis) => Promise.all(jobStates.map(async (state) => [state, await redis.zcard(key('jobs', 'state', state))] as const)));
  return { queued: 0, running: 0, cancelling: 0, cancelled: 0, succeeded: 0, failed: 0, ...Object.fromEntries(counts) };
}
