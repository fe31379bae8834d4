import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import type { Owner } from '../store/contract.js';
import { startOf } from './process-start.js';

/**
 * What /proc tells of this host's processes. Where there is none (not Linux), nothing is told: no process is found, and a worker that is gone is
 * known by its lease only.
 */

/** Whether a worker of this host is gone: no such process, or another one that has its pid by now. Of other hosts nothing is known. */
export function isDead(owner: Owner): boolean {
  if (owner.host !== os.hostname()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
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
