import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../store/connection.js';
import { Store } from '../../../store/store.js';
import { ended, inState, someCluster } from '../../support/records.js';
import { claimed, codeOf, storeSetting, type Setting } from './setting.js';

let setting: Setting;
beforeEach(async () => (setting = await storeSetting()));
afterEach(() => setting.end());

/** Code and time, in ms, of calls at once. */
async function timed(calls: readonly Promise<unknown>[]): Promise<{ codes: unknown[]; ms: number }> {
  const start = performance.now();
  const codes = await Promise.all(calls.map(codeOf));
  return { codes: [...new Set(codes)], ms: performance.now() - start };
}

async function backAgain(store: Store): Promise<number> {
  const start = performance.now();
  while ((await codeOf(store.ping())) !== 'no error') await sleep(10);
  return performance.now() - start;
}

describe('a Redis that is gone', () => {
  it('makes every call fail within 2 s, and service is back as soon as it is', async () => {
    const { cluster, job } = someCluster('before');
    await setting.store.createCluster(cluster, job);
    await setting.server.kill();

    const other = someCluster('during');
    const { codes, ms } = await timed([
      setting.store.getJob(job.id), setting.store.getCluster('before'), setting.store.listClusters({}, { limit: 10 }), setting.store.countJobs(),
      setting.store.createCluster(other.cluster, other.job), setting.store.dueWakeUps(1), setting.store.events(job.id, undefined, 10),
    ]);
    expect(codes).toEqual(['store-unavailable']);
    expect(ms).toBeLessThan(2_000);

    await setting.server.start();
    expect(await backAgain(setting.store)).toBeLessThan(2_000);
    await sleep(300);
    expect(await setting.store.getCluster('before')).toEqual(cluster);
    // What was refused does not happen later.
    expect(await setting.store.getCluster('during')).toBeUndefined();
  });

  it('fails calls that are under way when it goes', async () => {
    const calls = Array.from({ length: 200 }, (_, index) => {
      const { cluster, job } = someCluster(`flight-${index}`);
      return setting.store.createCluster(cluster, job);
    });
    const done = timed(calls);
    await setting.server.kill();
    const { codes, ms } = await done;
    expect(codes.filter((code) => code !== 'no error' && code !== 'store-unavailable')).toEqual([]);
    expect(ms).toBeLessThan(2_000);
  });

  it('that was never there fails calls too', async () => {
    await setting.server.kill();
    const redis = connect(setting.server.url, 'test');
    const { codes, ms } = await timed([new Store(redis).ping()]);
    expect(codes).toEqual(['store-unavailable']);
    expect(ms).toBeLessThan(2_000);
    redis.disconnect();
    expect(await codeOf(new Store(redis).ping())).toBe('store-unavailable');
  });

  it('that hangs fails calls within 2 s as well', async () => {
    await setting.store.ping();
    setting.server.pause();
    const { codes, ms } = await timed([setting.store.ping(), setting.store.countJobs()]);
    setting.server.resume();
    expect(codes).toEqual(['store-unavailable']);
    expect(ms).toBeLessThan(2_000);
    expect(await backAgain(setting.store)).toBeLessThan(2_000);
  });

  it('loses no record, lease, event or wake-up when it was killed', async () => {
    const [queued, running] = [someCluster('queued'), someCluster('running')];
    await setting.store.createCluster(queued.cluster, queued.job);
    await setting.store.createCluster(running.cluster, running.job);
    const claim = await claimed(setting.store, running.job.id);
    await setting.store.write(claim.lease, { events: [{ type: 'message', severity: 'info', text: 'before', resource: null }] });
    await setting.server.kill();
    await setting.server.start();
    await backAgain(setting.store);

    expect(await setting.store.dueWakeUps(10)).toEqual([{ jobId: queued.job.id, attempt: 1, queue: 'operations' }]);
    await setting.store.renew(claim.lease, 30_000);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
    const events = await setting.store.events(running.job.id, undefined, 10);
    expect(events.map(({ event }) => event.type)).toEqual(['state', 'state', 'message', 'state']);
  });

  it('does not end a follower: it goes on where it stood', async () => {
    const { cluster, job } = someCluster('followed');
    await setting.store.createCluster(cluster, job);
    const claim = await claimed(setting.store, job.id);
    const following = (async () => {
      const types: string[] = [];
      for await (const { event } of setting.store.followEvents(job.id, undefined, new AbortController().signal)) types.push(event.type === 'state' ? event.state : event.type);
      return types;
    })();
    await sleep(300);
    await setting.server.kill();
    await sleep(300);
    await setting.server.start();
    await backAgain(setting.store);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready'), events: [{ type: 'message', severity: 'info', text: 'after', resource: null }] });

    expect(await following).toEqual(['queued', 'running', 'message', 'succeeded']);
  });

  it('lets a follower leave meanwhile', async () => {
    const { cluster, job } = someCluster('leaving');
    await setting.store.createCluster(cluster, job);
    const controller = new AbortController();
    const following = (async () => {
      for await (const { id } of setting.store.followEvents(job.id, undefined, controller.signal)) expect(id).not.toBe('');
    })();
    await sleep(200);
    await setting.server.kill();
    controller.abort();
    await following;
  });
});

describe('a Redis that refuses writes', () => {
  it('for want of memory is unavailable, and reads go on', async () => {
    const { cluster, job } = someCluster('full');
    await setting.store.createCluster(cluster, job);
    await setting.redis.config('SET', 'maxmemory', '1');
    const other = someCluster('too-much');
    await expect(setting.store.createCluster(other.cluster, other.job)).rejects.toMatchObject({ code: 'store-unavailable', message: 'Redis cannot be used at the moment: OOM.' });
    expect(await setting.store.getCluster('full')).toEqual(cluster);
  });
});
