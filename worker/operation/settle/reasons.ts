import { stackKinds, type StackKind } from '../../../model/names.js';
import type { OperationContext } from '../context.js';

/** What reasons are found in. */
export type ReasonContext = Pick<OperationContext, 'job' | 'states' | 'stacks'>;

/**
 * Of which stacks there may be something that their state does not know: an engine died (it leaves its lock, and what it was at as pending), an attempt
 * or try of the job came before, somebody asked for a repair, or the engine's last work on the stack did not end well. Without such a reason a
 * job pays nothing but one look into the history of what exists.
 */
export async function findDoubts(context: ReasonContext, foundLock: boolean): Promise<Record<StackKind, boolean>> {
  const { job } = context;
  const common = foundLock || (job.kind === 'repair' && job.intent.request === undefined) || job.attempt > 1 || job.intent.retryOf !== null;
  const [infrastructure, platform] = await Promise.all(stackKinds.map((kind) => isInDoubt(context, kind, common)));
  return { infrastructure: infrastructure ?? false, platform: platform ?? false };
}

async function isInDoubt({ states, stacks }: ReasonContext, kind: StackKind, common: boolean): Promise<boolean> {
  const state = states[kind];
  if (state === undefined) return false;
  if (common || state.pending.length > 0) return true;
  const last = await stacks[kind].lastUpdate();
  return last !== undefined && last.result !== 'succeeded';
}
