import { stackKinds } from '../../../model/names.js';
import type { StackState } from '../../engine/export.js';
import type { OperationContext } from '../context.js';
import { infrastructureProgram } from '../programs.js';
import { sinkOf } from '../sink.js';
import { adopt } from './adopt.js';
import { clearLocks } from './locks.js';
import { findDoubts } from './reasons.js';

/** What settling needs of an operation. It fills `doubts`, and `states` anew where it changes them. */
export type SettleContext = Pick<OperationContext, 'job' | 'spec' | 'uid' | 'slot' | 'installation' | 'account' | 'stacks' | 'states' | 'doubts' | 'cloud' | 'backendUrl' | 'report'> & Partial<Pick<OperationContext, 'rollout'>>;

/**
 * Brings what the state knows and what there is together again after an engine has died or an answer was lost, so that nothing is made a second
 * time and nothing is forgotten: dead locks go, what the infrastructure's state does not know is adopted, and what it notes as being created is dropped.
 * What lies in Kubernetes is settled by its own phase, when the cluster can be reached.
 * The order matters: whatever happens in between, there is still a reason to do it again. Throws `stack-locked` and `pending-operations`.
 */
export async function settle(context: SettleContext, signal: AbortSignal): Promise<void> {
  const foundLock = await clearLocks(context);
  context.doubts = await findDoubts(context, foundLock);
  const state = context.states.infrastructure;
  if (state !== undefined && context.doubts.infrastructure) await adoptInfrastructure(context, state, signal);

  // Other pending entries are dropped by the engine's next work on the stack; these only when asked for.
  const creating = stackKinds.filter((kind) => context.states[kind]?.pending.some(({ operation }) => operation === 'creating'));
  await Promise.all(creating.map((kind) => context.stacks[kind].clearPendingCreates()));
  const changed = stackKinds.filter((kind) => creating.includes(kind) || (kind === 'infrastructure' && context.doubts.infrastructure));
  for (const kind of changed) context.states = { ...context.states, [kind]: await context.stacks[kind].state() };
}

async function adoptInfrastructure(context: SettleContext, state: StackState, signal: AbortSignal): Promise<void> {
  const finder = await context.cloud.finder();
  const program = await infrastructureProgram(context, context.job.kind === 'delete' && context.job.intent.retain === 'backups');
  const left = await adopt({ stack: context.stacks.infrastructure, state, program, finder, sink: sinkOf(context), signal });
  for (const name of left) warn(context, name, 'It exists, but something that it depends on does not: it is not taken into the state.');
}

function warn({ report }: SettleContext, resource: string, text: string): void {
  report({ type: 'event', event: { type: 'message', severity: 'warning', text, resource } });
}
