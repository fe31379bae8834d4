import { rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { stateFaults } from '../../chaos/truths.js';
import { shortRequest } from '../../support/portal.js';
import { redisOf } from '../../support/redis.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

// One service for all: a cluster that failed is no hindrance to those that come after it.
const { service, portal } = useService();

describe('a resource that cannot be provisioned', () => {
  it('ends the job with the provider\'s words, keeps what exists, and a deletion removes it', async () => {
    await portal.plantFault({ cluster: 'broken', type: 'aws:ec2/instance:Instance', operation: 'create', kind: 'fail', times: 1000, message: 'InsufficientInstanceCapacity: we currently do not have sufficient capacity' });

    const job = await portal.change('POST', '/clusters', shortRequest('broken'));
    expect(job.state).toBe('failed');
    expect(job.error).toMatchObject({ code: 'resource-failed', resource: expect.stringContaining('cp-1') });
    expect(job.error?.detail).toContain('InsufficientInstanceCapacity');
    expect(job.error?.hint).not.toBe('');
    expect(JSON.stringify(job)).not.toMatch(/\n\s+at |node:internal|\.js:\d+/);
    expect(await portal.cluster('broken')).toMatchObject({ state: 'failed' });
    expect((await portal.inventory('broken')).items.length).toBeGreaterThan(10);

    const deleted = await portal.change('DELETE', '/clusters/broken?retain=none');
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory('broken')).items).toEqual([]);
  });
});

describe('a Redis that is killed while a job runs', () => {
  it('comes back with everything, and the job goes on to its end, no event missing or doubled', async () => {
    const id = await portal.submit('POST', '/clusters', shortRequest('steady'));
    while ((await portal.job(id)).state === 'queued') await wait(50);
    for (let round = 0; round < 3; round += 1) {
      await wait(1500);
      process.kill((await redisOf(service.home)).pid, 'SIGKILL');
    }
    await until(async () => (await fetch(`${service.url}/readyz`)).status === 200, 10_000);

    const job = await portal.ended(id);
    expect(job.error).toBeNull();
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1 });
    const events = await portal.allEvents(id);
    expect(events.filter(({ event }) => event.type === 'state').map(({ event }) => event['state'])).toEqual(['queued', 'running', 'succeeded']);
    const settled = events.filter(({ event }) => event.type === 'resource' && event['state'] === 'succeeded').map(({ event }) => `${String(event['stack'])} ${String(event['resourceType'])} ${String(event['name'])}`);
    expect(settled.length).toBeGreaterThan(100);
    expect(settled.length).toBe(new Set(settled).size);
    expect(await portal.cluster('steady')).toMatchObject({ state: 'ready' });
  });
});

describe('a state backend that is away', () => {
  const at = (name: string): string => path.join(service.home, name);
  // The folder is a link that is turned to nowhere in one step: the engine makes a folder that is missing when it writes.
  const turnTo = async (target: string): Promise<void> => {
    await symlink(at(target), at('turned'));
    await rename(at('turned'), at('state'));
  };
  const takeAway = (): Promise<void> => turnTo('nowhere');
  const bringBack = (): Promise<void> => turnTo('state-kept');
  beforeAll(async () => {
    await rename(at('state'), at('state-kept'));
    await bringBack();
  });

  it('is waited for by a job that is to begin, and again in the midst of its work', async () => {
    await takeAway();
    expect(await (await fetch(`${service.url}/readyz`)).json()).toMatchObject({ status: 'not-ready', checks: { redis: 'ok', backend: 'failed' } });
    const id = await portal.submit('POST', '/clusters', shortRequest('patient'));
    await until(async () => (await portal.events(id)).some(({ event }) => event.type === 'message' && String(event['text']).includes('waits for the state backend')), 60_000);
    expect(await portal.job(id)).toMatchObject({ state: 'running', phase: null });

    await bringBack();
    await until(async () => (await portal.inventory('patient')).items.length > 3, 400_000);
    await takeAway();
    await wait(3_000);
    await bringBack();

    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', attempt: 1, error: null });
    expect(await stateFaults(service.home, 'patient', await portal.inventory('patient'))).toEqual([]);
  });
});
