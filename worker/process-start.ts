import { readFileSync } from 'node:fs';

/** When a process of this host started, in milliseconds since the epoch; undefined where the system does not tell (not Linux). */
export function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the command in field 2 may hold spaces and parentheses, so fields are counted behind its last one.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    // Linux counts 100 ticks a second for user space on every architecture that Node runs on.
    const started = boot * 1_000 + ticks * 10;
    return Number.isFinite(started) ? started : undefined;
  } catch {
    return undefined;
  }
}
