import { isInPlace } from '../../../model/job-request.js';
import { bringUp } from '../bring-up.js';
import type { Phase } from '../context.js';
import { criterionOf } from '../upgrade/criterion.js';
import { PoolRollout } from '../upgrade/pools.js';
import { PoolsInPlace } from '../upgrade/pools-in-place.js';

/** Lets the pools launch machines of the spec's minor as they are made now, and replaces those that are to go, or upgrades them in place. */
export const poolRollout: Phase = {
  limitMs: 12 * 3_600_000,
  async run(context, signal) {
    const { kubernetesVersion } = context.spec;
    context.rollout = { controlPlane: kubernetesVersion, pools: kubernetesVersion, surge: false };
    const criterion = criterionOf(context);
    // Asked before the pools are told what to launch: that is new, whatever is published meanwhile.
    await criterion.look();
    await bringUp(context, signal, { renewsPools: true });
    const inPlace = new PoolsInPlace(context, signal);
    if (isInPlace(context.job.intent.request)) return inPlace.run();
    await inPlace.settle();
    await new PoolRollout(context, signal, criterion).run();
  },
};
