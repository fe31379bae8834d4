import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.js';

const guard = path.resolve(import.meta.dirname, '../../../worker/operation/guard.sh');

/** Pids of the processes of a session, the leader included. */
async function session(leader: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat, index) => {
    const [state, , , owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not looked yet.
    return Number(owner) === leader && state !== 'Z' ? [Number(pids[index])] : [];
  });
}

describe('a guarded operation', () => {
  let folder: string;
  const started: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-guard-'));
  });

  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** A worker in a process of its own, which runs `command` under the guard and says the guard's pid. */
  async function worker(command: string[], patience = 25): Promise<{ worker: ChildProcess; leader: number }> {
    const script = path.join(folder, 'worker.mjs');
    await writeFile(script, `
      import { spawn } from 'node:child_process';
      const child = spawn('sh', ${JSON.stringify([guard, String(patience), ...command])}, { detached: true, stdio: ['pipe', 'ignore', 'ignore', 'ipc'] });
      const renewals = setInterval(() => child.stdin.write('.'), 200);
      child.stdin.on('error', () => clearInterval(renewals));
      process.on('message', () => clearInterval(renewals));
      child.on('message', (message) => process.send(message));
      process.send({ leader: child.pid });
    `);
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    started.push(child);
    const [{ leader }] = (await once(child, 'message')) as [{ leader: number }];
    return { worker: child, leader };
  }

  // A plugin of the engine has a process group of its own, but stays in the session.
  const family = ['bash', '-c', 'set -m; sleep 1000 & sleep 1000 & wait'];

  it('leaves no process when the worker is killed, process groups of their own included', async () => {
    const { worker: parent, leader } = await worker(family);
    await until(async () => (await session(leader)).length >= 5, 5_000);
    const groups = new Set(await Promise.all((await session(leader)).map(async (pid) => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2])));
    expect(groups.size).toBeGreaterThan(1);

    parent.kill('SIGKILL');

    await until(async () => (await session(leader)).length === 0, 5_000);
  });

  it('lives as long as the worker renews its lease, and leaves no process when it does not any more', async () => {
    const { worker: parent, leader } = await worker(family, 1);
    await wait(2_500);
    expect((await session(leader)).length).toBeGreaterThanOrEqual(5);

    parent.send('silence');

    await until(async () => (await session(leader)).length === 0, 5_000);
  });

  it('leaves no process when the worker is stopped, and the worker goes on unharmed', async () => {
    const { worker: parent, leader } = await worker(family, 1);
    await until(async () => (await session(leader)).length >= 5, 5_000);

    parent.kill('SIGSTOP');

    await until(async () => (await session(leader)).length === 0, 5_000);
    parent.kill('SIGCONT');
    await wait(500);
    expect(parent.exitCode).toBeNull();
  });

  it('leaves no process when it has ended itself', async () => {
    const { leader } = await worker(['bash', '-c', 'set -m; sleep 1000 & sleep 0.1']);
    await until(async () => (await session(leader)).length === 0, 5_000);
  });

  it('speaks to the worker over IPC', async () => {
    const { worker: parent } = await worker([process.execPath, '-e', 'process.send({ hello: process.argv.length }); setInterval(() => undefined, 1000)']);
    expect(await once(parent, 'message')).toEqual([{ hello: 1 }, undefined]);
  });
});
