import { stackKinds } from '../../../model/names.js';
import type { OperationContext } from '../context.js';

/** What reasons are found in. */
export type ReasonContext = Pick<OperationContext, 'job' | 'states' | 'stacks'>;

/**
 * Whether something may have been made that the state does not know: an engine died (it leaves its lock, and what it was at as pending), an attempt
 * or try of the job came before, the job is to repair, or the engine's last work on the infrastructure did not end well. Without such a reason
 * a job pays nothing but, where there is a stack already, one look into its history.
 */
export async function mayHaveLeftovers({ job, states, stacks }: ReasonContext, foundLock: boolean): Promise<boolean> {
  if (states.infrastructure === undefined) return false;
  if (foundLock || job.kind === 'repair' || job.attempt > 1 || job.intent.retryOf !== null) return true;
  if (stackKinds.some((kind) => (states[kind]?.pending.length ?? 0) > 0)) return true;
  const last = await stacks.infrastructure.lastUpdate();
  return last !== undefined && last.result !== 'succeeded';
}
