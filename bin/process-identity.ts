import { isRunning, startTicks } from '../worker/processes.js';

/** Which process this is: a pid alone comes back after a while, with its start time it does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel's start time in clock ticks since boot, or null where the system does not tell. */
  readonly startTicks: number | null;
}

/** Identity of a running process; undefined where there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  return isRunning(pid) ? { pid, startTicks: startTicks(pid) ?? null } : undefined;
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && (identity.startTicks === null || now.startTicks === null || now.startTicks === identity.startTicks);
}
