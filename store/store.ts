import type { Redis } from 'ioredis';
import type { AuditEntry, AuditRecord } from '../model/audit.js';
import type { ClusterRecord, Observation } from '../model/cluster.js';
import type { JobEvent } from '../model/event.js';
import type { Cancellation, JobRecord, JobState } from '../model/job.js';
import type { IgnoredFinding } from '../model/drift.js';
import type { ExpiryKind, FirstEnds } from '../model/expiry.js';
import type { Report, ReportKind, ReportOf } from '../model/report.js';
import type { Usage } from '../model/tenancy.js';
import * as audit from './audit.js';
import * as cancellation from './cancellation.js';
import * as clusters from './clusters.js';
import type {
  AuditFilter, Bounds, CancelledJob, CancelRequest, Claim, ClusterChange, ClusterFilter, ClusterSubmission, HeldLease, Idempotency, Installation, JobEnd, JobWrite, Lease, ListedCluster, Owner, Page, PageRequest,
  Submission, WakeUp, WorkerBeat, WorkerStatus,
} from './contract.js';
import * as drills from './drills.js';
import { readEvents } from './events.js';
import { EventFollowers } from './follow.js';
import * as installations from './installation.js';
import * as jobs from './jobs.js';
import * as leases from './leases.js';
import { Link } from './link.js';
import { restoreCluster } from './restore.js';
import * as submissions from './submissions.js';
import * as wakeUps from './wake-ups.js';
import * as waiting from './waiting.js';
import { WebhookStore } from './webhooks.js';

/**
 * All records of the service, in Redis. Every write is one atomic script; every call ends within 2 s, with `store-unavailable` when
 * Redis is gone. Takes a connection of `connect()`, which stays the caller's to close.
 */
export class Store {
  readonly #link: Link;
  readonly #followers: EventFollowers;
  /** What webhooks are told. */
  readonly webhooks: WebhookStore;

  constructor(redis: Redis) {
    this.#link = new Link(redis);
    this.#followers = new EventFollowers(this.#link);
    this.webhooks = new WebhookStore(this.#link);
  }

  /** Ends normally when Redis answers. Throws `store-unavailable`. */
  async ping(): Promise<void> {
    await this.#link.call((redis) => redis.ping());
  }

  // ---- Installation

  /** Marks this Redis as an installation's, if it is nobody's yet. Answers whose it is. */
  claimInstallation(installation: Installation): Promise<Installation> {
    return installations.claimInstallation(this.#link, installation);
  }

  /** The installation that this Redis belongs to. */
  installation(): Promise<Installation | undefined> {
    return installations.installation(this.#link);
  }

  // ---- Writes of the API

  /**
   * A new cluster with the job that creates it. The same idempotency key with the same fingerprint gets the first answer again.
   * Throws `cluster-exists`, `idempotency-key-reused`, or `owner-quota-exceeded` where the owner's clusters would go beyond `bounds`.
   */
  createCluster(cluster: ClusterRecord, job: JobRecord, idempotency?: Idempotency, bounds?: Bounds): Promise<ClusterSubmission> {
    return submissions.createCluster(this.#link, cluster, job, idempotency, bounds);
  }

  /** What the same request with the same idempotency key was answered before, if it was. Throws `idempotency-key-reused`. */
  firstAnswer(idempotency: Pick<Idempotency, 'key' | 'fingerprint'>): Promise<Submission | undefined> {
    return submissions.firstAnswer(this.#link, idempotency);
  }

  /** A preview's job: it takes no slot of a cluster. Throws `idempotency-key-reused`. */
  submitPreview(job: JobRecord, idempotency?: Idempotency): Promise<Submission> {
    return submissions.submitPreview(this.#link, job, idempotency);
  }

  /** The number of a cluster that is about to be created: grows, and is never given twice. */
  nextSlot(): Promise<number> {
    return clusters.nextSlot(this.#link);
  }

  /**
   * The beginning of a change, or of a deletion that cancels what runs; a job with `notBefore` waits for `windowOpen`. Throws `cluster-not-found`, `precondition-failed`, `operation-in-progress`
   * (with the path of the job in the way), `job-not-retryable`, `owner-quota-exceeded` and `idempotency-key-reused`.
   */
  changeCluster(name: string, change: ClusterChange): Promise<ClusterSubmission> {
    return submissions.changeCluster(this.#link, name, change);
  }

  /**
   * Cancels a job: a queued one has ended with the answer, a running one is `cancelling` until its worker has ended it. To be repeated, also to add
   * `force`. Throws `job-not-found` and `job-finished`.
   */
  requestCancel(jobId: string, request: CancelRequest): Promise<CancelledJob> {
    return cancellation.requestCancel(this.#link, jobId, request);
  }

  /** The jobs that wait for a maintenance window, by the names of their clusters. */
  waitingJobs(): Promise<ReadonlyMap<string, string>> {
    return waiting.waitingJobs(this.#link);
  }

  /** Begins a job that has waited for a window, working towards a spec, or ends it. False where the cluster has changed since it was read, or another worker was first. */
  windowOpen(job: JobRecord, cluster: ClusterRecord, next: waiting.WindowOpen, at: string): Promise<boolean> {
    return waiting.windowOpen(this.#link, job, cluster, next, at);
  }

  // ---- After a loss of Redis

  /**
   * Puts a cluster back that the state backend knows: settled and without a job. False where a cluster of its name is there already, which stays as it
   * is. Numbers of clusters and fencing tokens go on behind the old ones.
   */
  restoreCluster(cluster: ClusterRecord): Promise<boolean> {
    return restoreCluster(this.#link, cluster);
  }

  // ---- Reads

  /** A cluster by its name. */
  getCluster(name: string): Promise<ClusterRecord | undefined> {
    return clusters.getCluster(this.#link, name);
  }

  /** What was last seen of a cluster. */
  getObservation(name: string): Promise<Observation | undefined> {
    return clusters.getObservation(this.#link, name);
  }

  /** The last report of a kind about a cluster. */
  getReport<Kind extends ReportKind>(name: string, kind: Kind): Promise<ReportOf<Kind> | undefined> {
    return clusters.getReport(this.#link, name, kind);
  }

  /** How many ready clusters there are whose machines are not replaced any more, by the reason of their condition. */
  stoppedReplacements(): Promise<ReadonlyMap<string, number>> {
    return clusters.stoppedReplacements(this.#link);
  }

  /** How many clusters there are whose last drill of etcd, or of a whole cluster, failed. */
  failedDrills(): Promise<number> {
    return drills.failedDrills(this.#link);
  }

  /** When the last drill of a kind that succeeded ended, by the names of the clusters that it was one of. */
  succeededDrills(kind: 'drill' | 'cluster-drill'): Promise<ReadonlyMap<string, string>> {
    return drills.succeededDrills(this.#link, kind);
  }

  /** Notes how many clusters have missed their drills. */
  tellMissedDrills(count: number): Promise<void> {
    return drills.tellMissedDrills(this.#link, count);
  }

  /** What was noted last; undefined where that is long ago. */
  missedDrills(): Promise<number | undefined> {
    return drills.missedDrills(this.#link);
  }

  /** What was left aside of a cluster's drift; the time of some may have passed. */
  ignoredFindings(name: string): Promise<IgnoredFinding[]> {
    return clusters.ignoredFindings(this.#link, name);
  }

  /** How many clusters there are whose last check found drift that nobody has left aside. */
  driftedClusters(): Promise<number> {
    return clusters.drifted(this.#link, new Date());
  }

  /** How many clusters there are with machines that are behind the current image or the release of their minor. */
  clustersBehind(): Promise<number> {
    return clusters.behind(this.#link);
  }

  /** How many clusters there are of which something of each kind ends before a time, or has ended. */
  endingBefore(time: Date): Promise<Readonly<Record<ExpiryKind, number>>> {
    return clusters.endingBefore(this.#link, time);
  }

  /** A page of clusters by name. Throws `invalid-parameter` for a foreign cursor. */
  listClusters(filter: ClusterFilter, page: PageRequest): Promise<Page<ListedCluster>> {
    return clusters.listClusters(this.#link, filter, page);
  }

  /** What an owner's clusters come to, but for one of them. */
  usage(owner: string, except: string): Promise<Usage> {
    return clusters.usage(this.#link, owner, except);
  }

  /** A job by its id. */
  getJob(id: string): Promise<JobRecord | undefined> {
    return jobs.getJob(this.#link, id);
  }

  /** A page of jobs, the newest first. Throws `invalid-parameter` for a foreign cursor. */
  listJobs(filter: jobs.JobFilter, page: PageRequest): Promise<Page<JobRecord>> {
    return jobs.listJobs(this.#link, filter, page);
  }

  /** A job's events behind `after`, at most `limit`. Throws `invalid-parameter` for an id of another form. */
  events(jobId: string, after: string | undefined, limit: number): Promise<JobEvent[]> {
    return readEvents(this.#link, jobId, after, limit);
  }

  /** A job's events behind `after` as they happen, up to the one that ends it. Throws `job-not-found` and `invalid-parameter`. */
  followEvents(jobId: string, after: string | undefined, signal: AbortSignal): AsyncIterable<JobEvent> {
    return this.#followers.follow(jobId, after, signal);
  }

  /** How many jobs there are in each state. */
  countJobs(): Promise<Record<JobState, number>> {
    return jobs.countJobs(this.#link);
  }

  // ---- Audit trail

  /** Adds a record to the trail, which is kept for `keepDays`. */
  appendAudit(record: AuditRecord, keepDays: number): Promise<void> {
    return audit.append(this.#link, record, keepDays);
  }

  /** A page of the trail, the newest first; with a filter it can have fewer items than asked for before the last. Throws `invalid-parameter` for a foreign cursor. */
  listAudit(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>> {
    return audit.list(this.#link, filter, page);
  }

  // ---- Writes of the worker, all fenced by the lease's token

  /** Makes a queued job run: startedAt, event, lease. Undefined when someone else has it or it is not queued. */
  claimJob(jobId: string, owner: Owner, ttlMs: number): Promise<Claim | undefined> {
    return leases.claimJob(this.#link, jobId, owner, ttlMs);
  }

  /** Takes an orphan over; its attempt grows by 1. Undefined when its lease is held after all. */
  takeOver(jobId: string, owner: Owner, ttlMs: number, options?: leases.TakeOver): Promise<Claim | undefined> {
    return leases.takeOver(this.#link, jobId, owner, ttlMs, options);
  }

  /** Puts a lease's end off. Answers what somebody wants of its job meanwhile. Throws `lease-lost`. */
  renew(lease: Lease, ttlMs: number): Promise<Cancellation | null> {
    return leases.renew(this.#link, lease, ttlMs);
  }

  /** Gives a lease up without ending its job, for the next worker. Throws `lease-lost`. */
  release(lease: Lease): Promise<void> {
    return leases.release(this.#link, lease);
  }

  /**
   * Writes records and events of a running job; the cluster's version is raised here, whatever the given one says. A job that was cancelled meanwhile
   * stays `cancelling`. Throws `lease-lost`.
   */
  write(lease: Lease, change: JobWrite): Promise<void> {
    return leases.write(this.#link, lease, change);
  }

  /**
   * Ends a job: clears the cluster's activeJob and releases the lease; `gone` removes the cluster. A deletion that waited for this end begins in the same
   * step: it is the active job then, and the cluster is `deleting`, `gone` or not. Throws `lease-lost`.
   */
  finish(lease: Lease, end: JobEnd): Promise<void> {
    return leases.finish(this.#link, lease, end);
  }

  /** Keeps what was seen of a cluster, if that very one still exists. Never raises the version. */
  observe(name: string, uid: string, observation: Observation): Promise<void> {
    return clusters.observe(this.#link, name, uid, observation);
  }

  /** Keeps what was found out about a cluster, in the place of the last report of that kind, if that very one (by uid) still exists, and when the first of each kind `ends` that it has. */
  report(name: string, uid: string, report: Report, ends?: FirstEnds): Promise<void> {
    return clusters.report(this.#link, name, uid, report, ends);
  }

  /** Leaves a finding aside, in the place of what was said of it before, if that very cluster (by uid) still exists. */
  ignoreFinding(name: string, uid: string, ignored: IgnoredFinding): Promise<void> {
    return clusters.ignoreFinding(this.#link, name, uid, ignored);
  }

  /** Leaves a finding aside no longer. */
  noticeFinding(name: string, uid: string, finding: string): Promise<void> {
    return clusters.noticeFinding(this.#link, name, uid, finding);
  }

  /** Running and cancelling jobs whose lease ended more than `graceMs` ago (default: the 5 s of a take-over). */
  orphans(graceMs?: number): Promise<JobRecord[]> {
    return leases.orphans(this.#link, graceMs);
  }

  /** The leases of running jobs with their holders: on the same host, a dead holder is known by pid and start. */
  leases(): Promise<HeldLease[]> {
    return leases.heldLeases(this.#link);
  }

  // ---- Outbox

  /** Wake-ups that BullMQ has to be given, the oldest first. */
  dueWakeUps(limit: number): Promise<WakeUp[]> {
    return wakeUps.dueWakeUps(this.#link, limit);
  }

  /** Notes that BullMQ has a wake-up. It is due again after a minute unless the job has been claimed by then. */
  wokenUp(jobId: string, attempt: number): Promise<void> {
    return wakeUps.wokenUp(this.#link, [{ jobId, attempt }]);
  }

  /** The same for many at once. */
  allWokenUp(wokenUp: readonly WakeUp[]): Promise<void> {
    return wakeUps.wokenUp(this.#link, wokenUp);
  }

  // ---- Workers

  /** Notes that a worker is alive. */
  workerBeat(workerId: string, beat: WorkerBeat): Promise<void> {
    return installations.workerBeat(this.#link, workerId, beat);
  }

  /** The workers with their last beats, also those that have stopped lately: look at `at`. */
  workers(): Promise<WorkerStatus[]> {
    return installations.workers(this.#link);
  }
}
