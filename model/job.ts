import { z } from 'zod';
import { ClusterwrightError, errorCodes, errorRegistry, isClusterwrightError } from './errors.js';
import { jobRequestSchema } from './job-request.js';
import { phaseNames, phaseWeights, type PhaseName } from './phases.js';
import { planSchema } from './plan.js';
import { receiptSchema } from './receipt.js';
import { reportSchema } from './report.js';
import { clusterSpecSchema } from './spec.js';

/** What jobs do. A preview changes nothing. */
export const jobKinds = ['preview', 'create', 'update', 'delete', 'repair', 'backup', 'upgrade', 'drift', 'rotate', 'restore', 'restore-objects', 'hibernate', 'wake', 'drill', 'cluster-drill'] as const;
export type JobKind = (typeof jobKinds)[number];

const provision: readonly PhaseName[] = ['infrastructure', 'control-plane', 'nodes', 'platform', 'verify'];
const remove: readonly PhaseName[] = ['drain', 'drop-platform', 'destroy-infrastructure', 'scan'];

/** The phases of each kind of job, in order. */
export const phasesOf: Readonly<Record<JobKind, readonly PhaseName[]>> = {
  preview: ['preflight', 'plan'],
  create: ['preflight', ...provision],
  update: ['preflight', ...provision],
  delete: ['preflight', ...remove],
  repair: ['preflight', 'refresh', ...provision],
  backup: ['preflight', 'backup'],
  upgrade: ['preflight', 'readiness', 'backup', 'control-plane-rollout', 'platform', 'pool-rollout', 'verify'],
  drift: ['preflight', 'compare'],
  drill: ['preflight', 'drill'],
  // What it makes it takes away again, whatever came of it.
  'cluster-drill': ['preflight', ...provision, 'restore-objects', 'compare-objects', ...remove],
  rotate: ['preflight', 'rotate', 'verify'],
  hibernate: ['preflight', 'backup', 'put-to-sleep'],
  wake: ['preflight', 'wake-up', 'verify'],
  // The platform's stack is to match again what is there: as in a repair.
  restore: ['preflight', 'backup', 'restore', 'refresh', ...provision],
  // The namespaces come first, with all that fences them in.
  'restore-objects': ['preflight', 'platform', 'restore-objects', 'verify'],
};

/** Whether jobs of a kind begin with a cluster that does not exist yet. */
export function makesCluster(kind: JobKind): boolean {
  return kind === 'create' || kind === 'cluster-drill';
}

export const jobStates = ['queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

/** States that a job may move to from each state. Checked on every write. */
export const jobMoves: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'cancelled', 'failed'],
  running: ['running', 'cancelling', 'succeeded', 'failed'],
  cancelling: ['cancelling', 'cancelled', 'succeeded', 'failed'],
  cancelled: [],
  succeeded: [],
  failed: [],
};

/** Whether a job has ended. */
export function isFinished(state: JobState): boolean {
  return jobMoves[state].length === 0;
}

/** Whether a job that ended like this can be tried again. */
export function isRetryable(state: JobState): boolean {
  return state === 'failed' || state === 'cancelled';
}

export const phaseStates = ['pending', 'running', 'succeeded', 'failed', 'skipped'] as const;

const time = z.iso.datetime();

/** One phase of a job. */
export const phaseStatusSchema = z.strictObject({
  name: z.enum(phaseNames),
  state: z.enum(phaseStates),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});
export type PhaseStatus = z.infer<typeof phaseStatusSchema>;

/** Why a job failed: from the error registry, with the provider's words. Never a stack trace or a secret. */
export const jobErrorSchema = z.strictObject({
  code: z.enum(errorCodes),
  title: z.string(),
  detail: z.string(),
  resource: z.string().nullable(),
  hint: z.string(),
  retryable: z.boolean(),
});
export type JobError = z.infer<typeof jobErrorSchema>;

/** The intent of a job beside the spec. */
const intentSchema = z.strictObject({
  retain: z.enum(['backups', 'none']),
  /** The kind of change that a preview works out; equal to the job's kind otherwise. */
  change: z.enum(jobKinds).exclude(['preview']),
  /** The job that this one is another try of. */
  retryOf: z.ulid().nullable(),
  /** What the caller asked for beside the spec, where jobs of that kind take anything. */
  request: jobRequestSchema.optional(),
});

/** That somebody wants a job to end. `force`: its processes are killed once the grace period since `requestedAt` has passed. */
export const cancellationSchema = z.strictObject({ requestedAt: time, force: z.boolean() });
export type Cancellation = z.infer<typeof cancellationSchema>;

/** A job as it is stored. The API shows it without `spec`, `uid` and `intent` and with links. */
export const jobRecordSchema = z.strictObject({
  id: z.ulid(),
  cluster: z.string(),
  /** uid of the cluster it works on; a preview of a creation has one of its own. */
  uid: z.string(),
  kind: z.enum(jobKinds),
  simulated: z.boolean(),
  state: z.enum(jobStates),
  phase: z.enum(phaseNames).nullable(),
  progress: z.strictObject({
    percent: z.int().min(0).max(100),
    resources: z.strictObject({ done: z.int(), total: z.int() }),
  }),
  phases: z.array(phaseStatusSchema),
  requestedBy: z.string(),
  requestId: z.string(),
  /** The request's place in its trace, as `traceparent` says it; missing where it was not traced. */
  trace: z.string().optional(),
  createdAt: time,
  /** It was asked for to begin within a maintenance window of the cluster, and not before this; missing in what begins as soon as a worker has room. */
  notBefore: time.optional(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  attempt: z.int().min(1),
  /** Set by the API while the job is unfinished; a worker's writes leave it as it is. */
  cancellation: cancellationSchema.nullable(),
  error: jobErrorSchema.nullable(),
  plan: planSchema.nullable(),
  receipt: receiptSchema.nullable(),
  /** What the job found out about the cluster, where that is what it is for. */
  report: reportSchema.optional(),
  /** The spec that the job works towards. No secret is in it. */
  spec: clusterSpecSchema,
  intent: intentSchema,
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

/** A job as it is asked for, before anything has happened. */
export function newJob(job: Pick<JobRecord, 'id' | 'cluster' | 'uid' | 'kind' | 'simulated' | 'requestedBy' | 'requestId' | 'trace' | 'createdAt' | 'notBefore' | 'spec' | 'intent'>): JobRecord {
  return {
    ...job,
    state: 'queued',
    phase: null,
    progress: { percent: 0, resources: { done: 0, total: 0 } },
    phases: phasesOf[job.kind].map((name) => ({ name, state: 'pending', startedAt: null, endedAt: null })),
    startedAt: null,
    endedAt: null,
    attempt: 1,
    cancellation: null,
    error: null,
    plan: null,
    receipt: null,
  };
}

/** The error of a job that was cancelled before anybody had begun it. */
export const cancelledUnbegunError: JobError = jobError(new ClusterwrightError('cancelled', 'The job was cancelled before it had begun: it has changed nothing.'));

/** What a job of a kind comes to when it ends at `at` before it has begun: it was cancelled, but for another `error`. */
export function cancelledUnbegun(kind: JobKind, at: string, error: JobError = cancelledUnbegunError): Pick<JobRecord, 'phase' | 'progress' | 'phases' | 'endedAt' | 'error' | 'plan' | 'receipt'> {
  return {
    phase: null,
    progress: { percent: 0, resources: { done: 0, total: 0 } },
    phases: phasesOf[kind].map((name) => ({ name, state: 'skipped', startedAt: null, endedAt: null })),
    endedAt: at,
    error,
    plan: null,
    receipt: null,
  };
}

/**
 * Percentage of a job from its phases: each phase counts by its weight, the running one by the share of its resources. 100 only when all are done.
 */
export function percentOf(phases: readonly PhaseStatus[], resources: { done: number; total: number }): number {
  const total = phases.reduce((sum, phase) => sum + phaseWeights[phase.name], 0);
  const done = phases.reduce((sum, phase) => {
    const weight = phaseWeights[phase.name];
    if (phase.state === 'succeeded' || phase.state === 'skipped') return sum + weight;
    if (phase.state === 'running' && resources.total > 0) return sum + weight * Math.min(1, resources.done / resources.total);
    return sum;
  }, 0);
  return total === 0 ? 0 : Math.min(phases.every((phase) => phase.state === 'succeeded' || phase.state === 'skipped') ? 100 : 99, Math.floor((100 * done) / total));
}

/** What a job records of an error. Anything that is not one of ours becomes `internal-error` without its text, which could hold anything. */
export function jobError(error: unknown): JobError {
  if (!isClusterwrightError(error)) {
    const { title, hint, retryable } = errorRegistry['internal-error'];
    return { code: 'internal-error', title, detail: 'An unexpected error ended the operation; the service\'s log has it under the job\'s id.', resource: null, hint, retryable };
  }
  const { title, retryable } = errorRegistry[error.code];
  return { code: error.code, title, detail: error.message, resource: error.resource ?? null, hint: error.hint, retryable };
}
