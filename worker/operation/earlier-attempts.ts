import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isFinished } from '../../model/job.js';
import type { Lease } from '../../store/contract.js';
import type { Store } from '../../store/store.js';
import { isRunning, processesWith } from '../processes.js';

/** The variables by which every process of an attempt is known: the job's id, and the token of the lease that the attempt runs under. */
const jobVariable = 'CLUSTERWRIGHT_OPERATION';
const tokenVariable = 'CLUSTERWRIGHT_OPERATION_TOKEN';

/** How long killed processes are waited for, in milliseconds. One that is stuck in the kernel for longer writes nothing either. */
const patienceMs = 10_000;

/** What the processes of an attempt are marked with. */
export function markOf({ jobId, token }: Lease): Record<string, string> {
  return { [jobVariable]: jobId, [tokenVariable]: String(token) };
}

/** How the name of an attempt's work directory begins. */
export function workDirPrefix({ jobId, token }: Lease): string {
  return `${jobId}-${token}-`;
}

/**
 * Ends what is left on this host of earlier attempts at a job: kills their processes and removes their work directories. What belongs to a later
 * token is left alone: a worker that was stopped and wakes up here has nothing to say about it.
 */
export async function clearEarlierAttempts(lease: Lease, workRoot: string): Promise<void> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await wait(50)) {
    const left = (await processesWith(jobVariable)).filter(({ environment }) =>
      environment.get(jobVariable) === lease.jobId && Number(environment.get(tokenVariable)) < lease.token);
    if (left.length === 0) break;
    for (const { pid } of left) kill(pid);
  }
  for (const { name, jobId, token } of await workDirs(workRoot)) {
    if (jobId === lease.jobId && token < lease.token) await remove(workRoot, name);
  }
}

/**
 * Removes the work directories of jobs that have ended or that nobody knows, and those named after a process that is gone (`installation-PID-…`): a
 * process that was killed could not.
 */
export async function clearFinishedWork(store: Pick<Store, 'getJob'>, workRoot: string): Promise<void> {
  for (const name of await namesIn(workRoot)) {
    const pid = /^[a-z]+-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await remove(workRoot, name);
  }
  for (const { name, jobId } of await workDirs(workRoot)) {
    const job = await store.getJob(jobId);
    if (job === undefined || isFinished(job.state)) await remove(workRoot, name);
  }
}

/** The work directories of attempts. */
async function workDirs(workRoot: string): Promise<{ name: string; jobId: string; token: number }[]> {
  return (await namesIn(workRoot)).flatMap((name) => {
    const [, jobId, token] = /^([0-9A-HJKMNP-TV-Z]{26})-(\d+)-/.exec(name) ?? [];
    return jobId === undefined ? [] : [{ name, jobId, token: Number(token) }];
  });
}

async function namesIn(workRoot: string): Promise<string[]> {
  return readdir(workRoot).catch(() => []);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function remove(workRoot: string, name: string): Promise<void> {
  await rm(path.join(workRoot, name), { recursive: true, force: true });
}
