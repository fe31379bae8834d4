import { bringUp } from '../bring-up.js';
import type { Phase } from '../context.js';
import { PoolRollout } from '../upgrade/pools.js';

/** Lets the pools launch machines of the spec's minor, and replaces those that are not in it yet. */
export const poolRollout: Phase = {
  limitMs: 12 * 3_600_000,
  async run(context, signal) {
    const { kubernetesVersion } = context.spec;
    context.rollout = { controlPlane: kubernetesVersion, pools: kubernetesVersion, surge: false };
    await bringUp(context, signal);
    await new PoolRollout(context, signal).run();
  },
};
