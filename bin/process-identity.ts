import { readFileSync } from 'node:fs';

/** Which process this is: a pid alone comes back after a while, with its start time it does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Kernel's start time in clock ticks since boot, or null where the system does not tell. */
  readonly startTicks: number | null;
}

/** Identity of a running process; undefined where there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return undefined;
  }
  return { pid, startTicks: startTicks(pid) };
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && (identity.startTicks === null || now.startTicks === null || now.startTicks === identity.startTicks);
}

/** Field 22 of /proc/PID/stat; the command in field 2 may hold spaces and parentheses, so fields are counted behind its last one. */
function startTicks(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Number.isFinite(ticks) ? ticks : null;
  } catch {
    return null;
  }
}
