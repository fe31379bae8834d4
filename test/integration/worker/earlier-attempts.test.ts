import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newJobId } from '../../../model/ids.js';
import type { JobRecord } from '../../../model/job.js';
import { clearEarlierAttempts, clearFinishedWork, markOf, workDirPrefix } from '../../../worker/operation/earlier-attempts.js';
import { memoryOfSession } from '../../../worker/processes.js';
import { ended, someCluster } from '../../support/records.js';
import { until } from '../../support/until.js';

describe('what is left of earlier attempts on a host', () => {
  let workRoot: string;
  const started: ChildProcess[] = [];
  const jobId = newJobId();
  const lease = (token: number, id = jobId) => ({ key: 'cluster:demo', jobId: id, token });

  beforeEach(async () => {
    workRoot = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-attempts-'));
  });

  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await rm(workRoot, { recursive: true, force: true });
  });

  /** An operation of an attempt: a process with a child, in a work directory. */
  async function attempt(token: number, id = jobId): Promise<ChildProcess> {
    await mkdir(path.join(workRoot, `${workDirPrefix(lease(token, id))}x`));
    const child = spawn('sh', ['-c', 'sleep 1000 & wait'], { detached: true, stdio: 'ignore', env: { ...process.env, ...markOf(lease(token, id)) } });
    started.push(child);
    await once(child, 'spawn');
    return child;
  }

  const alive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

  it('is killed and removed, and nothing of the same job\'s later attempt or of other jobs', async () => {
    const earlier = await attempt(7);
    const stopped = await attempt(8);
    stopped.kill('SIGSTOP');
    const later = await attempt(10);
    const other = await attempt(5, newJobId());

    await clearEarlierAttempts(lease(9), workRoot);

    await until(() => !alive(earlier) && !alive(stopped), 2_000);
    expect([alive(later), alive(other)]).toEqual([true, true]);
    expect(await memoryOfSession(earlier.pid ?? 0)).toBe(0);
    expect(await memoryOfSession(later.pid ?? 0)).toBeGreaterThan(100_000);
    const folders = await readdir(workRoot);
    expect(folders).toHaveLength(2);
    expect(folders).toContain(`${jobId}-10-x`);
  });

  it('is removed at a worker\'s start where the job has ended or is not known, or the process is gone; other folders stay', async () => {
    const { job } = someCluster('demo');
    const jobs: JobRecord[] = [{ ...job, state: 'running' }, ended(someCluster('gone').job)];
    for (const { id } of jobs) await mkdir(path.join(workRoot, `${workDirPrefix(lease(1, id))}x`));
    await mkdir(path.join(workRoot, `${workDirPrefix(lease(1))}x`));
    const gone = spawn('true');
    await once(gone, 'exit');
    const [stays, goes] = [`installation-${process.pid}-x`, `installation-${gone.pid}-x`];
    for (const name of [stays, goes]) await mkdir(path.join(workRoot, name));

    await clearFinishedWork({ getJob: (id) => Promise.resolve(jobs.find((known) => known.id === id)) }, workRoot);

    expect((await readdir(workRoot)).sort()).toEqual([`${job.id}-1-x`, stays].sort());
  });
});
