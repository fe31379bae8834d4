import type { Phase } from '../context.js';
import { WakingUp } from '../hibernation/wake.js';

/** Switches the control planes on, then the pools. */
export const wakeUp: Phase = {
  limitMs: 90 * 60_000,
  run: (context, signal) => new WakingUp(context, signal).run(),
};
