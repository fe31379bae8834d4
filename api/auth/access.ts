import type { AuditRecord } from '../../model/audit.js';
import type { ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { JobRecord } from '../../model/job.js';
import { maySomewhere, mayOver, mayOverAll, type Caller, type CallerRole } from '../../model/tenancy.js';
import type { Store } from '../../store/store.js';

/**
 * Whom an operation is for: everybody, signed in or not; or who has a role over the owner of the `cluster` or `job` in its path, over `some` owner (the
 * operation narrows down itself what it shows and takes), or over `all` of them.
 */
export type Access = 'everybody' | { readonly role: CallerRole; readonly over: 'cluster' | 'job' | 'some' | 'all' };

/** What a request is about, as far as it is known; for the audit trail. */
export interface Trail {
  cluster: string | null;
  owner: string | null;
  job: string | null;
  /** What it does to temporary access, where it does. */
  access?: AuditRecord['access'];
  /** Whether it is about somebody else's, of which the caller is told that it does not exist. */
  hidden: boolean;
}

/** The trail of a request of which nothing is known yet. */
export function noTrail(): Trail {
  return { cluster: null, owner: null, job: null, hidden: false };
}

/** What an operation is about, as it was when its caller was let in; absent where there is none. */
export interface Found {
  readonly cluster?: ClusterRecord | undefined;
  readonly job?: JobRecord | undefined;
}

type Records = Pick<Store, 'getCluster' | 'getJob' | 'listJobs'>;

/** The error that a cluster does not exist, for the caller at least. */
export function noCluster(name: string): ClusterwrightError {
  return new ClusterwrightError('cluster-not-found', `There is no cluster "${name}".`);
}

/** The error that a job does not exist, for the caller at least. */
export function noJob(id: string): ClusterwrightError {
  return new ClusterwrightError('job-not-found', `There is no job ${id}.`);
}

/**
 * Lets a caller in or throws: `forbidden`, or that there is nothing where the caller may not even look. What does not exist is not refused here: the
 * operation says so. Answers what was looked up for it.
 */
export async function admit(access: Exclude<Access, 'everybody'>, caller: Caller, params: Readonly<Record<string, unknown>>, store: Records, trail: Trail): Promise<Found> {
  if (!maySomewhere(caller, 'viewer')) throw new ClusterwrightError('forbidden', `${caller.name} has signed in, but has no role over any clusters here.`);
  switch (access.over) {
    case 'some':
      if (!maySomewhere(caller, access.role)) throw lacks(caller, access.role, 'any owner\'s clusters');
      return {};
    case 'all':
      if (!mayOverAll(caller, access.role)) throw lacks(caller, access.role, 'the clusters of all owners');
      return {};
    case 'cluster': {
      const name = String(params['name']);
      trail.cluster = name;
      const cluster = await store.getCluster(name);
      const owner = cluster?.spec.owner ?? (await lastOwner(store, name));
      if (owner !== undefined) admitOver(caller, access.role, owner, trail, () => noCluster(name));
      return { cluster };
    }
    case 'job': {
      const id = String(params['id']);
      trail.job = id;
      const job = await store.getJob(id);
      if (job === undefined) return {};
      trail.cluster = job.cluster;
      const cluster = await store.getCluster(job.cluster);
      admitOver(caller, access.role, ownerOf(job, cluster), trail, () => noJob(id));
      return { job, cluster };
    }
  }
}

/** Throws unless the caller has a role over an owner: `forbidden` where it may look, otherwise what `missing` says. */
function admitOver(caller: Caller, role: CallerRole, owner: string, trail: Trail, missing: () => ClusterwrightError): void {
  trail.owner = owner;
  if (mayOver(caller, 'viewer', owner)) return requireOver(caller, role, owner);
  trail.hidden = true;
  throw missing();
}

/** Throws `forbidden` unless the caller has a role over the owner that a request names. */
export function requireOver(caller: Caller, role: CallerRole, owner: string): void {
  if (!mayOver(caller, role, owner)) throw lacks(caller, role, `the clusters of "${owner}"`);
}

/** The owner that a job is shown to: that of its cluster today, or, of one that is gone, the one at that time. */
export function ownerOf(job: Pick<JobRecord, 'uid' | 'spec'>, cluster: Pick<ClusterRecord, 'uid' | 'spec'> | undefined): string {
  return cluster?.uid === job.uid ? cluster.spec.owner : job.spec.owner;
}

/** The owner of the last cluster of a name that is gone. */
async function lastOwner(store: Records, name: string): Promise<string | undefined> {
  const { items: [job] } = await store.listJobs({ cluster: name }, { limit: 1 });
  return job?.spec.owner;
}

function lacks(caller: Caller, role: CallerRole, what: string): ClusterwrightError {
  return new ClusterwrightError('forbidden', `${caller.name} does not have the role ${role} over ${what}.`);
}
