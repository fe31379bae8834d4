import type { Phase } from '../context.js';

/**
 * Removes the platform's stack from the backend, and only from there: what it describes goes with the cluster. Uninstalling it from a cluster
 * that is about to die is where deletions hang.
 */
export const dropPlatform: Phase = {
  limitMs: 10 * 60_000,
  async run({ states, stacks }) {
    if (states.platform !== undefined) await stacks.platform.remove({ force: true });
  },
};
