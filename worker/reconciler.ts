import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Logger } from 'pino';
import { ClusterwrightError } from '../model/errors.js';
import { jobError } from '../model/job.js';
import type { HeldLease, Owner } from '../store/contract.js';
import type { Store } from '../store/store.js';
import { leaseTimes } from './operation/lease-keeper.js';
import { claimedRecord, endedRecord } from './operation/record.js';

/**
 * Ends the jobs whose worker is gone: it takes each over, so that nobody else writes for it, and records that it failed. On the same host a dead
 * worker is known at once, elsewhere by its lease, some seconds after that has ended. The worker's guards have killed its operations by then.
 */
export async function settleOrphans(store: Pick<Store, 'orphans' | 'leases' | 'takeOver' | 'finish'>, owner: Owner, log: Logger): Promise<void> {
  const dead = (await store.leases()).filter((lease) => isDead(lease.owner));
  const orphans = await store.orphans();
  const jobs = new Map<string, HeldLease | undefined>(orphans.map((job) => [job.id, undefined]));
  for (const lease of dead) jobs.set(lease.jobId, lease);
  for (const [jobId, lease] of jobs) {
    const claim = await store.takeOver(jobId, owner, leaseTimes.ttl, lease === undefined ? {} : { dead: lease });
    if (claim === undefined) continue;
    const error = jobError(new ClusterwrightError('worker-lost', 'The worker that ran the job ended in the midst of it.'));
    await store.finish(claim.lease, endedRecord(claimedRecord(claim.job, claim.cluster), error, new Date()));
    log.warn({ job: jobId, cluster: claim.job.cluster }, 'a job has lost its worker and is ended');
  }
}

/** Whether a worker of this host is gone: no such process, or another one that has its pid by now. */
function isDead(owner: Owner): boolean {
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

/** When a process started, in milliseconds since the epoch; undefined where the system does not tell (not Linux). */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    // Linux counts 100 ticks a second for user space on every architecture that Node runs on.
    const started = boot * 1_000 + ticks * 10;
    return Number.isFinite(started) ? started : undefined;
  } catch {
    return undefined;
  }
}
