import { readBeforeUpdate } from '../../../programs/provider.js';
import { infrastructureOutputs } from '../../engine/outputs.js';
import type { Phase } from '../context.js';
import { NodeWatch } from '../node-watch.js';
import { PoolSizes } from '../pool-sizes.js';
import { infrastructureProgram } from '../programs.js';
import { sinkOf } from '../sink.js';

/** Makes the infrastructure what the spec asks for. */
export const infrastructure: Phase = {
  limitMs: 60 * 60_000,
  async run(context, signal) {
    const stack = context.stacks.infrastructure;
    const sizes = new PoolSizes(context, signal);
    // The engine sends the bounds only: whoever is too many by then is ended by the cloud, with all that runs on it.
    await sizes.lower();
    // What a deletion keeps is decided with the deletion; until then nothing is marked.
    const program = await infrastructureProgram(context, false);
    const stale = context.states.infrastructure?.resources.filter(({ type }) => readBeforeUpdate[context.spec.provider].includes(type)) ?? [];
    if (stale.length > 0) await stack.refresh(program, { sink: sinkOf(context), signal }, stale.map(({ urn }) => urn));
    const outputs = await stack.up(program, { sink: sinkOf(context), signal });
    await sizes.raise();
    context.outputs = infrastructureOutputs(outputs, stack.name);
    context.nodeWatch = new NodeWatch(context, context.outputs.backupStore, new Date(context.job.startedAt ?? context.job.createdAt));
    // A cluster that is connected has both stacks; without the second, its deletion has begun.
    await context.platformReady;
    context.report({ type: 'cluster', zones: context.outputs.zones });
  },
};
