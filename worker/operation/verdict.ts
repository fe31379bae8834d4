import { ClusterwrightError } from '../../model/errors.js';
import { jobError, type JobError } from '../../model/job.js';
import { cancelledError, type OperationRecord } from './record.js';

/** Attempts that a job has. What makes its processes end without a word that often is likely to do so again. */
export const mostAttempts = 5;

/** How an attempt at a job has ended, as its worker saw it. */
export interface AttemptFacts {
  /** What the operation answered; undefined where its processes ended without an answer. `error` is null for success. */
  readonly result: { readonly error: JobError | null; readonly interrupted: boolean } | undefined;
  /** Somebody wants the job to end. */
  readonly cancelled: boolean;
  /** The cancellation was forced: the operation was killed for it. */
  readonly forced: boolean;
  /** What a watchdog found; the operation was interrupted or killed for it. */
  readonly fault: ClusterwrightError | undefined;
  /** The worker is stopping: the operation was interrupted or killed for it. */
  readonly stopping: boolean;
}

/** What becomes of the job: it ends (error null: succeeded), it is left to another worker, or it is run again by this one. */
export type Verdict =
  | { readonly kind: 'end'; readonly error: JobError | null; readonly cluster: 'failed' | 'needs-repair' }
  | { readonly kind: 'release' }
  | { readonly kind: 'again' };

/** Judges an ended attempt. The truth counts first: what was done before an interruption took hold has succeeded. */
export function verdictOf(record: OperationRecord, { result, cancelled, forced, fault, stopping }: AttemptFacts): Verdict {
  if (result?.error === null) return { kind: 'end', error: null, cluster: 'failed' };
  if (forced) return { kind: 'end', error: cancelledError(record, true), cluster: 'needs-repair' };
  if (fault !== undefined) return { kind: 'end', error: jobError(fault), cluster: 'failed' };
  if (result?.interrupted === true && cancelled) return { kind: 'end', error: cancelledError(record, false), cluster: 'failed' };
  // Also an error counts for nothing that came up after the worker began to stop: the next attempt meets it again if it is real.
  if (stopping) return { kind: 'release' };
  const crashed = result === undefined || result.error.code === 'engine-crashed';
  if (crashed && record.job.attempt < mostAttempts) return { kind: 'again' };
  if (result !== undefined) return { kind: 'end', error: result.error, cluster: crashed ? 'needs-repair' : 'failed' };
  const error = new ClusterwrightError('operation-crashed', `The operation process ended ${mostAttempts} times before it had told its result.`);
  return { kind: 'end', error: jobError(error), cluster: 'needs-repair' };
}
