import { setTimeout as wait } from 'node:timers/promises';
import { drillFailure } from '../../model/drill.js';
import { ClusterwrightError } from '../../model/errors.js';
import { phasesOf } from '../../model/job.js';
import { phases as titles, type PhaseName } from '../../model/phases.js';
import { earlierResult, goesOnAfter, isDue } from './cluster-drill.js';
import type { OperationContext, Phase } from './context.js';
import { phases } from './phases/index.js';

/** What each phase does. */
type PhaseTable = Readonly<Record<PhaseName, Phase>>;

/** How long a phase that was told to end may take, in milliseconds: the engine waits for what its providers are at. */
const graceMs = 60_000;

/**
 * Runs the job's phases in order. Throws what ended one of them. The signal interrupts the running phase, and none begins after it. Of a job that
 * was cancelled before this attempt only the first phase runs: it settles what the attempts before have left. A drill that has failed takes its cluster away before it ends.
 */
export async function runPhases(context: OperationContext, interrupt: AbortSignal, table: PhaseTable = phases): Promise<void> {
  const known = earlierResult(context.job);
  const failed = known && drillFailure(known, context.job.cluster);
  context.failure = failed && { error: failed };
  for (const names of sideBySide(phasesOf[context.job.kind], table)) {
    interrupt.throwIfAborted();
    const [first] = names;
    if (first === undefined || !isDue(context, first)) continue;
    await runTogether(names, context, interrupt, table).catch((error: unknown) => {
      if (interrupt.aborted || !goesOnAfter(context, first, error)) throw error;
      context.failure = { error };
    });
    if (context.job.cancellation !== null) throw new ClusterwrightError('cancelled', 'The job was cancelled before this attempt.');
  }
  if (context.failure !== undefined) throw context.failure.error;
}

/** The phases in order, those together that run side by side. */
function sideBySide(names: readonly PhaseName[], table: PhaseTable): PhaseName[][] {
  return names.reduce<PhaseName[][]>((groups, name) => {
    const last = groups.at(-1);
    if (last !== undefined && last.at(-1) === table[name].beginsWith) last.push(name);
    else groups.push([name]);
    return groups;
  }, []);
}

/** Runs phases side by side, and throws what ended the first that failed; by then the others have ended too. */
async function runTogether(names: readonly PhaseName[], context: OperationContext, interrupt: AbortSignal, table: PhaseTable): Promise<void> {
  const others = new AbortController();
  const signal = AbortSignal.any([interrupt, others.signal]);
  let failed: { readonly error: unknown } | undefined;
  await Promise.all(names.map(async (name) => {
    context.report({ type: 'phase', phase: name, state: 'running' });
    try {
      await runPhase(name, table[name], context, signal);
      context.report({ type: 'phase', phase: name, state: 'succeeded' });
    } catch (error) {
      context.report({ type: 'phase', phase: name, state: 'failed' });
      failed ??= { error };
      others.abort();
    }
  }));
  if (failed !== undefined) throw failed.error;
}

async function runPhase(name: PhaseName, phase: Phase, context: OperationContext, interrupt: AbortSignal): Promise<void> {
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
