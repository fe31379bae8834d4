import { setTimeout as wait } from 'node:timers/promises';
import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { phasesOf } from '../../model/job.js';
import { phases as titles, type PhaseName } from '../../model/phases.js';
import type { OperationContext } from './context.js';
import { phases } from './phases/index.js';

/** How long a phase that was told to end may take, in milliseconds: the engine waits for what its providers are at. */
const graceMs = 60_000;

/** Runs the job's phases in order. Throws what ended one of them. */
export async function runPhases(context: OperationContext): Promise<void> {
  for (const name of phasesOf[context.job.kind]) {
    context.report({ type: 'phase', phase: name, state: 'running' });
    try {
      await runPhase(name, context);
    } catch (error) {
      context.report({ type: 'phase', phase: name, state: 'failed' });
      throw error;
    }
    context.report({ type: 'phase', phase: name, state: 'succeeded' });
  }
}

async function runPhase(name: PhaseName, context: OperationContext): Promise<void> {
  const phase = phases[name];
  const { limitMs } = phase;
  const limit = AbortSignal.timeout(limitMs);
  const late = (): ClusterwrightError =>
    new ClusterwrightError('phase-timeout', `The phase "${titles[name]}" took longer than ${Math.round(limitMs / 60_000)} minutes.`, { resource: name });
  const ended = phase.run(context, limit).catch((error: unknown) => {
    throw limit.aborted && !isClusterwrightError(error) ? late() : error;
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
