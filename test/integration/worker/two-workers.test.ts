import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operationProcesses } from '../../chaos/processes.js';
import { leftovers, stateFaults, streamFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { startSeparateService, type SeparateService } from './separate.js';

describe('two workers on one Redis', () => {
  let service: SeparateService;

  beforeEach(async () => {
    service = await startSeparateService();
  });

  afterEach(async () => {
    await service.stop();
  });

  it('one is killed with four operations running: the other finishes all four', async () => {
    const { portal } = service;
    const first = await service.startWorker();
    const names = ['one', 'two', 'three', 'four'];
    const ids = await Promise.all(names.map((name) => portal.submit('POST', '/clusters', shortRequest(name))));
    await until(async () => (await Promise.all(names.map(async (name) => (await portal.inventory(name)).items.length > 3))).every(Boolean), 400_000);
    const second = await service.startWorker();
    expect((await Promise.all(ids.map((id) => portal.job(id)))).map(({ state }) => state)).toEqual(names.map(() => 'running'));

    first.signal('SIGKILL');
    const killedAt = Date.now();
    await until(async () => (await Promise.all(ids.map((id) => portal.job(id)))).every(({ attempt }) => attempt === 2), 60_000);
    // On the same host nobody waits for leases to end.
    expect(Date.now() - killedAt).toBeLessThan(15_000);

    const jobs = await Promise.all(ids.map((id) => portal.ended(id)));
    expect(jobs.map(({ state, attempt, error }) => ({ state, attempt, error }))).toEqual(names.map(() => ({ state: 'succeeded', attempt: 2, error: null })));
    for (const [index, name] of names.entries()) {
      expect(await stateFaults(service.home, name, await portal.inventory(name))).toEqual([]);
      const events = await portal.allEvents(ids[index] ?? '');
      expect(streamFaults('create', events, events.map(({ id }) => id))).toEqual([]);
    }
    expect(await leftovers(service.home, service.redis.url)).toEqual([]);
    expect(second.log()).not.toContain('lease-lost');
  });

  it('one is stopped past its lease and wakes up: nothing is written or created twice, and it goes on taking jobs', async () => {
    const { portal } = service;
    const first = await service.startWorker();
    const id = await portal.submit('POST', '/clusters', shortRequest('slept'));
    await until(async () => (await portal.inventory('slept')).items.length > 3, 400_000);
    const before = (await operationProcesses(service.home)).map(({ pid }) => pid);
    const second = await service.startWorker();

    first.signal('SIGSTOP');

    // Its guard ends the operation before anybody may take the job over.
    await until(async () => (await operationProcesses(service.home)).every(({ pid }) => !before.includes(pid)), 35_000);
    expect((await portal.job(id)).attempt).toBe(1);
    await until(async () => (await portal.job(id)).attempt === 2, 20_000);
    await until(async () => (await operationProcesses(service.home)).length > 0, 20_000);
    first.signal('SIGCONT');

    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
    expect(await stateFaults(service.home, 'slept', await portal.inventory('slept'))).toEqual([]);
    const events = await portal.allEvents(id);
    expect(streamFaults('create', events, events.map((event) => event.id))).toEqual([]);
    expect(await leftovers(service.home, service.redis.url)).toEqual([]);

    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(await portal.change('POST', '/clusters?dryRun=true', shortRequest('next'))).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});
