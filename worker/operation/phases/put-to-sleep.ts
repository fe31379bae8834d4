import type { Phase } from '../context.js';
import { PuttingToSleep } from '../hibernation/sleep.js';

/** Ends what runs, and switches all machines off. */
export const putToSleep: Phase = {
  limitMs: 3 * 3_600_000,
  run: (context, signal) => new PuttingToSleep(context, signal).run(),
};
