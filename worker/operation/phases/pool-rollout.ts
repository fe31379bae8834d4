import { bringUp } from '../bring-up.js';
import type { Phase } from '../context.js';
import { criterionOf } from '../upgrade/criterion.js';
import { PoolRollout } from '../upgrade/pools.js';

/** Lets the pools launch machines of the spec's minor as they are made now, and replaces those that are to go. */
export const poolRollout: Phase = {
  limitMs: 12 * 3_600_000,
  async run(context, signal) {
    const { kubernetesVersion } = context.spec;
    context.rollout = { controlPlane: kubernetesVersion, pools: kubernetesVersion, surge: false };
    const criterion = criterionOf(context);
    // Asked before the pools are told what to launch: that is new, whatever is published meanwhile.
    await criterion.look();
    await bringUp(context, signal, { renewsPools: true });
    await new PoolRollout(context, signal, criterion).run();
  },
};
