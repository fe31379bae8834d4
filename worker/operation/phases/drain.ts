import type { Phase } from '../context.js';

/** Removes what Kubernetes made in the cloud, while there is somebody to remove it. */
export const drain: Phase = {
  limitMs: 30 * 60_000,
  async run() {
    // Nothing yet.
  },
};
