import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Portal, shortRequest } from '../../support/portal.js';
import { startTestService, type RunningService } from '../../support/service.js';

/** Pids of the processes that work in an operation's folder: the operation, the engine, its plugins. */
async function workingIn(home: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, index) => folders[index]?.startsWith(path.join(home, 'work'))).map(Number);
}

/** The pid of the service's worker. */
async function workerOf(service: RunningService): Promise<number> {
  const children = (await readFile(`/proc/${service.process.pid}/task/${service.process.pid}/children`, 'utf8')).trim().split(' ');
  for (const pid of children) if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('bin/worker.js')) return Number(pid);
  throw new Error('the service has no worker');
}

async function until(condition: () => Promise<boolean>, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await wait(50)) if (await condition()) return true;
  return condition();
}

describe('a worker that is killed', () => {
  let service: RunningService;
  let portal: Portal;

  beforeAll(async () => {
    // Slow enough to be in the midst of it.
    service = await startTestService({ CLUSTERWRIGHT_SANDBOX_LATENCY: '2' });
    portal = new Portal(service.url, service.control);
  });

  afterAll(async () => {
    await service.stop();
  });

  it('leaves no process of its operations, and its job is ended by the next one', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('killed'));
    expect(await until(async () => (await portal.inventory('killed')).items.length > 3, 60_000)).toBe(true);
    expect((await workingIn(service.home)).length).toBeGreaterThanOrEqual(2);

    process.kill(await workerOf(service), 'SIGKILL');

    expect(await until(async () => (await workingIn(service.home)).length === 0, 5_000)).toBe(true);
    const job = await portal.ended(id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'worker-lost' } });
    expect(await portal.cluster('killed')).toMatchObject({ state: 'failed' });
  });

  it('is replaced by one that takes jobs', async () => {
    const preview = await portal.change('POST', '/clusters?dryRun=true', shortRequest('next'));
    expect(preview).toMatchObject({ state: 'succeeded', kind: 'preview' });
  });
});
