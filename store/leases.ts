import { z } from 'zod';
import { clusterMoves, settledStates, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { jobEventBodySchema } from '../model/event.js';
import { lastsForADay, type ExpiryKind } from '../model/expiry.js';
import { isFinished, jobMoves, type Cancellation, type JobRecord } from '../model/job.js';
import { ownerSchema, type Claim, type HeldLease, type JobEnd, type JobWrite, type Lease, type Owner } from './contract.js';
import { baseText, checkedClusterWithoutSpec, checkedJobWithoutSpec, cancellationFrom, clusterFrom, jobFrom, liveText } from './fields.js';
import { getJobs } from './jobs.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { movesInto } from './moves.js';
import { parse, parseJson } from './parsing.js';
import { claimReply, namesReply, releaseReply, renewReply, writeReply } from './replies.js';
import { Script } from './script.js';

/** How long after its end a lease is still left alone: its holder has killed its processes well before. */
export const takeOverGraceMs = 5_000;

const claimScript = new Script('claim');
const renewScript = new Script('renew');
const releaseScript = new Script('release');
const writeScript = new Script('write');
const orphansScript = new Script('orphans');

/** Gives a queued job to a worker; undefined when it is not queued (any more). */
export function claimJob(link: Link, jobId: string, owner: Owner, ttlMs: number): Promise<Claim | undefined> {
  return claim(link, jobId, owner, ttlMs, undefined);
}

/**
 * Gives an orphaned job to another worker and adds 1 to its attempt; undefined when its lease is (still or again) held. `dead` is a lease
 * whose holder the caller knows to be gone, by pid and start on the same host: that one is not waited for. `toEnd` says that the job is only to be
 * ended, which is no attempt at it.
 */
export function takeOver(link: Link, jobId: string, owner: Owner, ttlMs: number, { dead, graceMs = takeOverGraceMs, toEnd = false }: TakeOver = {}): Promise<Claim | undefined> {
  return claim(link, jobId, owner, ttlMs, { graceMs, deadToken: dead && String(dead.token), toEnd });
}
export interface TakeOver {
  dead?: Lease;
  graceMs?: number;
  toEnd?: boolean;
}

async function claim(link: Link, jobId: string, owner: Owner, ttlMs: number, from: { graceMs: number; deadToken: string | undefined; toEnd: boolean } | undefined): Promise<Claim | undefined> {
  const reply = claimReply.parse(await link.call((redis) => claimScript.run(redis, {
    job: jobId, owner: JSON.stringify(owner), ttlMs, at: new Date().toISOString(), takeOver: from,
  })));
  if (reply[0] === 'refused') return undefined;
  const [, token, leaseKey, jobReply, clusterReply] = reply;
  const job = jobFrom(jobReply);
  if (job === undefined) throw new ClusterwrightError('internal-error', `The job ${jobId} has no record after its claim.`);
  return { job, cluster: clusterFrom(clusterReply), lease: { key: leaseKey, token, jobId } };
}

/** Puts the end of a lease off to `ttlMs` from now. Answers what somebody wants of its job meanwhile. Throws `lease-lost`. */
export async function renew(link: Link, lease: Lease, ttlMs: number): Promise<Cancellation | null> {
  const reply = renewReply.parse(await link.call((redis) => renewScript.run(redis, { lease: leaseInput(lease), ttlMs })));
  if (reply[0] === 'lease-lost') throw lost(lease);
  return cancellationFrom(reply[1]);
}

/** Gives a lease up without ending its job: an orphan from now on, that any worker may take over at once. Throws `lease-lost`. */
export async function release(link: Link, lease: Lease): Promise<void> {
  const [word] = releaseReply.parse(await link.call((redis) => releaseScript.run(redis, { lease: leaseInput(lease) })));
  if (word === 'lease-lost') throw lost(lease);
}

/** Writes for a running job. Throws `lease-lost`; nothing is written then. */
export async function write(link: Link, lease: Lease, change: JobWrite): Promise<void> {
  if (change.job && isFinished(change.job.state)) {
    throw new ClusterwrightError('internal-error', `The job ${lease.jobId} ends by finish(), not by write().`);
  }
  await fenced(link, lease, change, {});
}

/** Writes a job's end. Throws `lease-lost`; nothing is written then. */
export async function finish(link: Link, lease: Lease, { job, cluster, events }: JobEnd): Promise<void> {
  if (!isFinished(job.state)) throw new ClusterwrightError('internal-error', `The job ${job.id} cannot end as ${job.state}.`);
  if (job.kind !== 'preview' && !(cluster === 'gone' || (cluster && settledStates.includes(cluster.state)))) {
    throw new ClusterwrightError('internal-error', `The job ${job.id} cannot end without a settled state of its cluster.`);
  }
  if (cluster === 'gone') return fenced(link, lease, { job, events }, { finish: true, gone: true });
  // What lasts for a day ends while a cluster sleeps, and is made anew and reported when it is awake.
  return fenced(link, lease, { job, cluster, events }, { finish: true, forgottenEnds: cluster?.state === 'hibernated' ? lastsForADay : undefined });
}

async function fenced(link: Link, lease: Lease, { id, job, cluster, events = [] }: JobWrite, end: { finish?: true; gone?: true; forgottenEnds?: readonly ExpiryKind[] | undefined }): Promise<void> {
  if (job && job.id !== lease.jobId) throw new ClusterwrightError('internal-error', `The lease of the job ${lease.jobId} cannot write the job ${job.id}.`);
  const texts = events.filter((event) => event.type !== 'state').map((event) => JSON.stringify(parse(event, 'event to be stored', jobEventBodySchema)));
  const reply = writeReply.parse(await link.call((redis) => writeScript.run(redis, {
    lease: leaseInput(lease),
    id,
    job: job && { state: job.state, from: movesInto(jobMoves, job.state) },
    cluster: cluster && { state: cluster.state, from: movesInto(clusterMoves, cluster.state) },
    at: new Date().toISOString(),
    ...end,
  }, [job ? liveText(checkedJobWithoutSpec(job)) : '', JSON.stringify(job?.error ?? null), cluster ? baseText(checkedClusterWithoutSpec(cluster)) : '', ...texts])));
  switch (reply[0]) {
    case 'written':
      return;
    case 'lease-lost':
      throw lost(lease);
    case 'refused-cluster':
      throw new ClusterwrightError('internal-error', `The job ${lease.jobId} has no cluster to write, or cannot remove it because a deletion waits for its end.`);
    case 'refused-move':
      throw new ClusterwrightError('internal-error', `The ${reply[1]} of the job ${lease.jobId} cannot move from ${reply[2]} to ${nextState(reply[1], job, cluster)}.`);
  }
}

function nextState(record: 'job' | 'cluster', job: JobRecord | undefined, cluster: ClusterRecord | undefined): string {
  return (record === 'job' ? job?.state : cluster?.state) ?? 'an unknown state';
}

/** Running and cancelling jobs that nobody holds any more. */
export async function orphans(link: Link, graceMs = takeOverGraceMs): Promise<JobRecord[]> {
  const ids = namesReply.parse(await link.call((redis) => orphansScript.run(redis, { graceMs })));
  const jobs = await getJobs(link, ids);
  return jobs.filter((job) => job.state === 'running' || job.state === 'cancelling');
}

const heldSchema = z.object({ token: z.coerce.number(), owner: z.string(), expiresAt: z.coerce.number() });

/** The leases of running jobs, with their holders. */
export async function heldLeases(link: Link): Promise<HeldLease[]> {
  const ids = await link.call((redis) => redis.zrange(key('leases'), 0, '-1'));
  const jobs = await getJobs(link, ids);
  const hashes = await link.call((redis) => Promise.all(jobs.map((job) => redis.hgetall(key('lease', leaseKeyOf(job))))));
  return jobs.flatMap((job, index) => {
    const hash = hashes[index];
    if (hash?.['job'] !== job.id) return [];
    const { token, owner, expiresAt } = parse(hash, 'lease', heldSchema);
    return [{
      key: leaseKeyOf(job), jobId: job.id, token, owner: parse(parseJson(owner, 'lease'), 'lease', ownerSchema), expiresAt: new Date(expiresAt).toISOString(),
    }];
  });
}

/** What a job's lease is on: its cluster, or the job itself where no cluster is touched. The claim script has the same rule. */
function leaseKeyOf(job: JobRecord): string {
  return job.kind === 'preview' ? `job:${job.id}` : `cluster:${job.cluster}`;
}

function leaseInput({ key: leaseKey, token, jobId }: Lease): { key: string; token: string; job: string } {
  return { key: leaseKey, token: String(token), job: jobId };
}

function lost(lease: Lease): ClusterwrightError {
  return new ClusterwrightError('lease-lost', `The lease of the job ${lease.jobId} is held by another worker, or the job has ended.`);
}
