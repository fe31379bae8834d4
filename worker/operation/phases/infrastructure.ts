import { bringUp } from '../bring-up.js';
import type { Phase } from '../context.js';
import { PoolSizes } from '../pool-sizes.js';
import { filled } from '../sink.js';

/** Makes the infrastructure what the spec asks for. */
export const infrastructure: Phase = {
  limitMs: 60 * 60_000,
  async run(context, signal) {
    const sizes = new PoolSizes(context, signal);
    // The engine sends the bounds only: whoever is too many by then is ended by the cloud, with all that runs on it.
    await sizes.lower();
    await bringUp(context, signal);
    await sizes.raise();
    // A cluster that is connected has both stacks; without the second, its deletion has begun.
    await context.platformReady;
    context.report({ type: 'cluster', zones: filled(context.outputs, 'the infrastructure\'s outputs').zones });
  },
};
