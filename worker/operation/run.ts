import { setTimeout as wait } from 'node:timers/promises';
import { ClusterwrightError } from '../../model/errors.js';
import { phasesOf } from '../../model/job.js';
import { phases as titles, type PhaseName } from '../../model/phases.js';
import type { OperationContext } from './context.js';
import { phases } from './phases/index.js';

/** How long a phase that was told to end may take, in milliseconds: the engine waits for what its providers are at. */
const graceMs = 60_000;

/**
 * Runs the job's phases in order. Throws what ended one of them. The signal interrupts the running phase, and none begins after it. Of a job that
 * was cancelled before this attempt only the first phase runs: it settles what the attempts before have left.
 */
export async function runPhases(context: OperationContext, interrupt: AbortSignal): Promise<void> {
  for (const name of phasesOf[context.job.kind]) {
    interrupt.throwIfAborted();
    context.report({ type: 'phase', phase: name, state: 'running' });
    try {
      await runPhase(name, context, interrupt);
    } catch (error) {
      context.report({ type: 'phase', phase: name, state: 'failed' });
      throw error;
    }
    context.report({ type: 'phase', phase: name, state: 'succeeded' });
    if (context.job.cancellation !== null) throw new ClusterwrightError('cancelled', 'The job was cancelled before this attempt.');
  }
}

async function runPhase(name: PhaseName, context: OperationContext, interrupt: AbortSignal): Promise<void> {
  const phase = phases[name];
  const { limitMs } = phase;
  const limit = AbortSignal.timeout(limitMs);
  const late = (cause?: unknown): ClusterwrightError =>
    new ClusterwrightError('phase-timeout', `The phase "${titles[name]}" took longer than ${Math.round(limitMs / 60_000)} minutes.`, { resource: name, cause });
  const ended = phase.run(context, AbortSignal.any([limit, interrupt])).catch((error: unknown) => {
    // What the engine says when it is interrupted would hide why it was.
    throw limit.aborted && !interrupt.aborted ? late(error) : error;
  });
  // A program can hang for ever when an `apply` throws (pulumi/pulumi#14980): after the grace the operation goes on without it.
  const watchdog = new AbortController();
  const hung = wait(limitMs + graceMs, undefined, { signal: watchdog.signal, ref: false }).then(() => {
    throw late();
  });
  try {
    await Promise.race([ended, hung]);
  } finally {
    hung.catch(() => undefined);
    watchdog.abort();
  }
}
