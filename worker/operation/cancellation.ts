import type { Cancellation } from '../../model/job.js';

/** Whether a cancellation may kill: it was forced, and the operation had its time to end in order. */
export function isForced({ force, requestedAt }: Cancellation, graceMs: number, now: Date): boolean {
  return force && now.getTime() - Date.parse(requestedAt) >= graceMs;
}
