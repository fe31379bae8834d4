import { z } from 'zod';
import type { ClusterRecord, ClusterState, Observation, stateDuring } from '../model/cluster.js';
import type { JobEventBody } from '../model/event.js';
import type { JobRecord } from '../model/job.js';
import type { ClusterSpec, Provider } from '../model/spec.js';

/** An idempotency key with the request it stands for and the answer that a repetition gets. */
export interface Idempotency {
  key: string;
  /** sha256 of method, path, query and canonical body. */
  fingerprint: string;
  answer: FirstAnswer;
  ttlSeconds: number;
}

/** Status and `Location` of the first answer. */
export interface FirstAnswer {
  status: number;
  location: string;
}

/** What came of a write that creates a job. */
export interface Submission {
  /** True when the idempotency key was seen before: the records are those of the first answer, and nothing was written. */
  replayed: boolean;
  job: JobRecord;
  cluster: ClusterRecord | undefined;
  /** The answer kept under the idempotency key; undefined without a key. */
  answer: FirstAnswer | undefined;
}

/** What came of a creation: there is always a cluster. */
export interface ClusterSubmission extends Submission {
  cluster: ClusterRecord;
}

/** What the API begins on a cluster: the job that carries it out, the state meanwhile and, for an update, the new spec. */
export interface ClusterChange {
  /** The version that the caller has read (`If-Match`). */
  expectedVersion?: number;
  spec?: ClusterSpec;
  /** Null where the cluster keeps the state it has. */
  state: (typeof stateDuring)[keyof typeof stateDuring];
  job: JobRecord;
  /**
   * For a deletion: cancels the unfinished job. In the place of a queued one it begins at once; for the end of a running one it waits as the
   * cluster's `nextJob`.
   */
  cancelRunning?: boolean;
  /** With a spec: what its owner's clusters may come to together, this one included. */
  bounds?: Bounds;
  /** The same key with the same request gets the first answer again. */
  idempotency?: Idempotency | undefined;
  /** For another try: the id of the job that must (still) be the cluster's last one. */
  onlyAfter?: string;
}

/** A wish that a job ends. `at` (RFC 3339) becomes its time, unless the same was wished before. */
export interface CancelRequest {
  force: boolean;
  at: string;
}

/** What came of that wish: a job that is cancelling, or cancelled when it had not begun. No cluster belongs to a preview. */
export interface CancelledJob {
  job: JobRecord;
  cluster: ClusterRecord | undefined;
}

/** Filters of a list of clusters; all that are given must hold. */
export interface ClusterFilter {
  provider?: Provider;
  state?: ClusterState;
  owner?: string;
  /** One of these, beside the others. */
  owners?: readonly string[];
}

/** Filters of the audit trail; all that are given must hold. Times are RFC 3339: from `since` on, and before `until`. */
export interface AuditFilter {
  since?: string;
  until?: string;
  /** Id of a caller. */
  caller?: string;
  cluster?: string;
  owner?: string;
}

/** What an owner may have at most, beside the change itself; absent parts are not bounded. */
export interface Bounds {
  clusters?: number;
  nodes?: number;
}

/** A part of a list: at most `limit` items behind `cursor`, which an earlier page gave. */
export interface PageRequest {
  limit: number;
  cursor?: string;
}

/** One page of a list. `nextCursor` is null on the last one. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** A cluster in a list, with what was last observed of it. */
export interface ListedCluster {
  cluster: ClusterRecord;
  observation?: Observation;
}

/** A process that runs operations: the worker's id, and the process by host, pid and its start (RFC 3339). */
export const ownerSchema = z.strictObject({ worker: z.string(), host: z.string(), pid: z.int(), startedAt: z.string() });
export type Owner = z.infer<typeof ownerSchema>;

/** The right to write for one job. `token` is the fencing token: it grows with every claim, and only the newest one writes. */
export interface Lease {
  key: string;
  token: number;
  jobId: string;
}

/** A lease as it is held, for take-overs and operators. */
export interface HeldLease extends Lease {
  owner: Owner;
  /** RFC 3339, by Redis' clock. */
  expiresAt: string;
}

/** What a worker gets with a job: the records as they are now and the right to write them. */
export interface Claim {
  job: JobRecord;
  /** The cluster that the job works on; undefined for the preview of a creation. */
  cluster: ClusterRecord | undefined;
  lease: Lease;
}

/** A worker's write while its job runs. Events of type `state` come from the store alone; given ones are dropped. */
export interface JobWrite {
  /** A name of this write, so that a repetition after `store-unavailable` (which leaves open what happened) writes nothing twice. */
  id?: string;
  job?: JobRecord;
  cluster?: ClusterRecord;
  events?: readonly JobEventBody[];
}

/** A worker's last write for a job; it may be repeated. `gone` removes the cluster; the job, its events and receipt stay. */
export interface JobEnd {
  job: JobRecord;
  cluster?: ClusterRecord | 'gone';
  events?: readonly JobEventBody[];
}

/** Names of the two queues: previews never wait behind operations. */
export const queueNames = { operations: 'operations', previews: 'previews' } as const;
export type QueueName = keyof typeof queueNames;

/** A wake-up that BullMQ has to carry. */
export interface WakeUp {
  jobId: string;
  attempt: number;
  queue: QueueName;
}

/** What a worker says of itself every few seconds. */
export const workerBeatSchema = z.strictObject({
  at: z.iso.datetime(),
  host: z.string(),
  pid: z.int(),
  /** Whether the worker reaches the state backend. */
  backend: z.enum(['ok', 'failed']),
  /** Operations that run on it. */
  running: z.int(),
});
export type WorkerBeat = z.infer<typeof workerBeatSchema>;

/** A worker with its last beat. */
export interface WorkerStatus extends WorkerBeat {
  id: string;
}

/** The installation that this Redis belongs to. */
export const installationSchema = z.strictObject({ id: z.string(), mode: z.enum(['sandbox', 'live']) });
export type Installation = z.infer<typeof installationSchema>;
