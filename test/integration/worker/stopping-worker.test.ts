import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationProcesses } from '../../chaos/processes.js';
import { leftovers, stateFaults, streamFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { startSeparateService, type SeparateService } from './separate.js';

describe('a worker that is told to stop', () => {
  let service: SeparateService;

  beforeAll(async () => {
    service = await startSeparateService();
  });

  afterAll(async () => {
    await service.stop();
  });

  /** A creation in the midst of its infrastructure. */
  async function begun(name: string): Promise<string> {
    const id = await service.portal.submit('POST', '/clusters', shortRequest(name));
    await until(async () => (await service.portal.inventory(name)).items.length > 3, 400_000);
    return id;
  }

  it('interrupts what runs after a while, and the next one goes on with it', async () => {
    const { portal } = service;
    const first = await service.startWorker({ CLUSTERWRIGHT_SHUTDOWN_SECONDS: '0' });
    const id = await begun('handed-on');

    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(await portal.job(id)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await operationProcesses(service.home)).toEqual([]);
    // The engine has ended in order: nothing is in doubt.
    expect(await stateFaults(service.home, 'handed-on', await portal.inventory('handed-on'))).toEqual([]);

    const second = await service.startWorker();
    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
    expect(await stateFaults(service.home, 'handed-on', await portal.inventory('handed-on'))).toEqual([]);
    const events = await portal.allEvents(id);
    expect(streamFaults('create', events, events.map((event) => event.id))).toEqual([]);
    expect(await leftovers(service.home, service.redis.url)).toEqual([]);
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('does not wait when it is told so twice, and the next one goes on all the same', async () => {
    const { portal } = service;
    const first = await service.startWorker({ CLUSTERWRIGHT_SHUTDOWN_SECONDS: '600' });
    const id = await begun('hurried');

    first.signal('SIGTERM');
    await until(() => first.log().includes('"stopping"'), 10_000);
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(await portal.job(id)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await operationProcesses(service.home)).toEqual([]);

    await service.startWorker();
    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
    expect(await stateFaults(service.home, 'hurried', await portal.inventory('hurried'))).toEqual([]);
  });
});
