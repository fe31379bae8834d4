import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import type { Owner } from '../store/contract.js';

/**
 * What /proc tells of this host's processes. Where there is none (not Linux), nothing is told: no process is found, and a worker that is gone is
 * known by its lease only.
 */

/** Whether there is a process with this pid, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** When a process of this host started, in clock ticks since the boot; undefined where the system does not tell. */
export function startTicks(pid: number): number | undefined {
  try {
    const ticks = Number(fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[19]);
    return Number.isFinite(ticks) ? ticks : undefined;
  } catch {
    return undefined;
  }
}

/** The same in milliseconds since the epoch. */
export function startOf(pid: number): number | undefined {
  const ticks = startTicks(pid);
  if (ticks === undefined) return undefined;
  const boot = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  // Linux counts 100 ticks a second for user space on every architecture that Node runs on.
  const started = boot * 1_000 + ticks * 10;
  return Number.isFinite(started) ? started : undefined;
}

/** Whether a worker of this host is gone: no such process, or another one that has its pid by now. Of other hosts nothing is known. */
export function isDead(owner: Owner): boolean {
  if (owner.host !== os.hostname()) return false;
  if (!isRunning(owner.pid)) return true;
  const started = startOf(owner.pid);
  // The two clocks differ by the rounding of ticks and by what a process takes to start.
  return started !== undefined && Math.abs(started - Date.parse(owner.startedAt)) > 5_000;
}

/** The memory that the processes of a session have together, in bytes: their resident sets, where shared pages count for each. */
export async function memoryOfSession(session: number): Promise<number> {
  const sizes = await Promise.all((await pids()).map(async (pid) => {
    const stat = await text(pid, 'stat');
    if (Number(fieldsOf(stat)[3]) !== session) return 0;
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await text(pid, 'status'))?.[1] ?? 0) * 1024;
  }));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Processes of this user that were started with a variable of this name, or one that ends so. One that has ended has none any more. */
export async function processesWith(variable: string): Promise<{ readonly pid: number; readonly environment: ReadonlyMap<string, string> }[]> {
  const all = await Promise.all((await pids()).map(async (pid) => ({ pid, environ: await text(pid, 'environ') })));
  return all.filter(({ environ }) => environ.includes(`${variable}=`)).map(({ pid, environ }) => ({ pid, environment: variables(environ) }));
}

function variables(environ: string): ReadonlyMap<string, string> {
  return new Map(environ.split('\0').map((line): [string, string] => {
    const equals = line.indexOf('=');
    return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)];
  }));
}

async function pids(): Promise<number[]> {
  return (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** A file of a process; empty where the process is gone or another user's. */
async function text(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}

/** The fields of /proc/PID/stat from the third on; the command in the second one may hold spaces and parentheses. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
