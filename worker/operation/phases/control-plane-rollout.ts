import type { Phase } from '../context.js';
import { ControlPlaneRollout } from '../upgrade/control-planes.js';

/** Replaces the control planes that are to go, or upgrades them in place. */
export const controlPlaneRollout: Phase = {
  limitMs: 4 * 3_600_000,
  async run(context, signal) {
    await new ControlPlaneRollout(context, signal).run();
    // Nothing of the platform has to wait for nodes: they are there.
    context.nodesJoined = Promise.resolve();
  },
};
