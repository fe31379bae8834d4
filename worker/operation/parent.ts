import type { Claim } from '../../store/contract.js';
import { Attempt, type Outcome } from './attempt.js';
import type { OperationOptions } from './options.js';
import { beginTrace, endTrace } from './trace.js';

/** A worker that stops first interrupts its operations, then kills them. Their jobs go on with the next worker. */
export interface StopSignals {
  readonly interrupt: AbortSignal;
  readonly kill: AbortSignal;
}

/**
 * Runs a claimed job in a guarded child process: clears away what an earlier attempt left on this host, starts the process, keeps the lease, writes
 * what is reported, and ends the job with what came of it. Resolves when no process of the operation is left; never rejects.
 */
export async function runOperation(claim: Claim, options: OperationOptions, signals: StopSignals): Promise<Outcome> {
  const { id, cluster, kind, requestId, attempt } = claim.job;
  const log = options.log.child({ job: id, cluster, kind, requestId, attempt });
  const operation = new Attempt(claim, options, log);
  const begun = new Date();
  const span = beginTrace(claim.job);
  let outcome: Outcome = 'lost';
  const interrupt = (): void => operation.stop();
  const kill = (): void => operation.stopAtOnce();
  signals.interrupt.addEventListener('abort', interrupt, { once: true });
  signals.kill.addEventListener('abort', kill, { once: true });
  try {
    if (signals.interrupt.aborted) interrupt();
    if (signals.kill.aborted) kill();
    outcome = await operation.run();
  } catch (error) {
    log.error({ err: error }, 'the operation could not be run');
  } finally {
    endTrace(span, operation.job, outcome, begun);
    signals.interrupt.removeEventListener('abort', interrupt);
    signals.kill.removeEventListener('abort', kill);
  }
  return outcome;
}

