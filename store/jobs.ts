import { jobStates, type JobKind, type JobRecord, type JobState } from '../model/job.js';
import type { Page, PageRequest } from './contract.js';
import { cursorBehind, itemBefore } from './cursor.js';
import { jobFields, jobFrom } from './fields.js';
import { key } from './keys.js';
import type { Link } from './link.js';

const batchSize = 200;

/** A job by its id. */
export async function getJob(link: Link, id: string): Promise<JobRecord | undefined> {
  return jobFrom(await link.call((redis) => redis.hmget(key('job', id), ...jobFields)));
}

/** The jobs of some ids, in their order; those that are not there are left out. */
export async function getJobs(link: Link, ids: readonly string[]): Promise<JobRecord[]> {
  const replies = await link.call((redis) => Promise.all(ids.map((id) => redis.hmget(key('job', id), ...jobFields))));
  return replies.flatMap((reply) => jobFrom(reply) ?? []);
}

/**
 * Which jobs are wanted: those of a cluster, perhaps of one kind; those that were asked for with one of some owners in the spec; or the restores that were tried of a cluster, in itself and in clusters that were made for it; without any
 * of these, all.
 */
export type JobFilter = { readonly cluster?: string; readonly kind?: JobKind } | { readonly owners: readonly string[] } | { readonly drillsOf: string; readonly kind?: 'drill' | 'cluster-drill' };

/** Where jobs are listed, and which kind of those there is wanted. */
interface Index {
  readonly key: string;
  readonly kind?: JobKind | undefined;
}

function indicesOf(filter: JobFilter): Index[] {
  if ('owners' in filter) return filter.owners.map((owner) => ({ key: key('jobs', 'owner', owner) }));
  if ('drillsOf' in filter) {
    const { drillsOf, kind } = filter;
    return [...(kind === 'cluster-drill' ? [] : [{ key: key('jobs', 'cluster', drillsOf), kind: 'drill' as const }]), ...(kind === 'drill' ? [] : [{ key: key('jobs', 'drill-of', drillsOf) }])];
  }
  return [{ key: filter.cluster === undefined ? key('jobs') : key('jobs', 'cluster', filter.cluster), kind: filter.kind }];
}

async function idsFrom(link: Link, index: string, from: string, count: number): Promise<string[]> {
  return link.call((redis) => redis.zrevrangebylex(index, from, '-', 'LIMIT', 0, count));
}

/** Kinds have no index: there are few that anybody asks for, and a cluster's jobs are not many. */
async function idsOfKind(link: Link, index: string, from: string, kind: JobKind, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let start = from; ;) {
    const ids = await idsFrom(link, index, start, batchSize);
    const kinds = await link.call((redis) => Promise.all(ids.map((id) => redis.hget(key('job', id), 'kind'))));
    found.push(...ids.filter((_, place) => kinds[place] === kind));
    const last = ids.at(-1);
    if (ids.length < batchSize || last === undefined || found.length >= count) return found.slice(0, count);
    start = `(${last}`;
  }
}

/** A page of jobs, the newest first: ids are ULIDs, so their order is that of time. */
export async function listJobs(link: Link, filter: JobFilter, { limit, cursor }: PageRequest): Promise<Page<JobRecord>> {
  const from = cursor === undefined ? '+' : `(${itemBefore('jobs', cursor)}`;
  const pages = await Promise.all(indicesOf(filter).map(({ key: index, kind }) => kind === undefined ? idsFrom(link, index, from, limit + 1) : idsOfKind(link, index, from, kind, limit + 1)));
  // A job has one owner, and is a drill of one cluster, so that none is on two pages.
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
