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

/** Which jobs are wanted: those of a cluster, or those that were asked for with one of some owners in the spec; without either, all. */
export type JobFilter = { readonly cluster?: string } | { readonly owners: readonly string[] };

function indicesOf(filter: JobFilter): string[] {
  if ('owners' in filter) return filter.owners.map((owner) => key('jobs', 'owner', owner));
  return [filter.cluster === undefined ? key('jobs') : key('jobs', 'cluster', filter.cluster)];
}

/** A page of jobs, the newest first: ids are ULIDs, so their order is that of time. */
export async function listJobs(link: Link, filter: JobFilter, { limit, cursor }: PageRequest): Promise<Page<JobRecord>> {
  const from = cursor === undefined ? '+' : `(${itemBefore('jobs', cursor)}`;
  const pages = await link.call((redis) => Promise.all(indicesOf(filter).map((index) => redis.zrevrangebylex(index, from, '-', 'LIMIT', 0, limit + 1))));
  // A job has one owner, so that none is on two pages.
  const ids = pages.flat().sort().reverse().slice(0, limit + 1);
  const shown = ids.slice(0, limit);
  const last = shown.at(-1);
  return { items: await getJobs(link, shown), nextCursor: ids.length > limit && last !== undefined ? cursorBehind('jobs', last) : null };
}

/** How many jobs there are in each state. */
export async function countJobs(link: Link): Promise<Record<JobState, number>> {
  const counts = await link.call((redis) => Promise.all(jobStates.map(async (state) => [state, await redis.zcard(key('jobs', 'state', state))] as const)));
  return { queued: 0, running: 0, cancelling: 0, cancelled: 0, succeeded: 0, failed: 0, ...Object.fromEntries(counts) };
}
