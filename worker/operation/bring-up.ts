import { readBeforeUpdate } from '../../programs/provider.js';
import { infrastructureOutputs } from '../engine/outputs.js';
import type { OperationContext } from './context.js';
import { NodeWatch } from './node-watch.js';
import { infrastructureProgram, type InfrastructureRun } from './programs.js';
import { sinkOf } from './sink.js';

/** Brings the infrastructure to what spec and rollout ask for, and takes its outputs. What a deletion keeps is decided with the deletion; until then nothing is marked. `more`: see `infrastructureProgram`. */
export async function bringUp(context: OperationContext, signal: AbortSignal, more: InfrastructureRun = {}): Promise<void> {
  const stack = context.stacks.infrastructure;
  const program = await infrastructureProgram(context, false, more);
  const stale = context.states.infrastructure?.resources.filter(({ type }) => readBeforeUpdate[context.spec.provider].includes(type)) ?? [];
  if (stale.length > 0) await stack.refresh(program, { sink: sinkOf(context), signal }, stale.map(({ urn }) => urn));
  context.outputs = infrastructureOutputs(await stack.up(program, { sink: sinkOf(context), signal }), stack.name);
  context.nodeWatch ??= new NodeWatch(context, new Date(context.job.startedAt ?? context.job.createdAt));
}
