import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterRecord } from '../../../model/cluster.js';
import { someCluster, someJob } from '../../support/records.js';
import { claimed, storeSetting, type Setting } from './setting.js';

/** A cluster as it comes back from a backend. */
function settledCluster(name: string, slot: number, changes: Partial<ClusterRecord> = {}): ClusterRecord {
  return { ...someCluster(name).cluster, slot, state: 'ready', version: 1_800_000_000, activeJob: null, lastJob: null, ...changes };
}

describe('a cluster that is put back after a loss of Redis', () => {
  let setting: Setting;

  beforeEach(async () => {
    setting = await storeSetting();
  });

  afterEach(async () => {
    await setting.end();
  });

  it('is the one that it was, in every list, and can be changed', async () => {
    const { store } = setting;
    const cluster = settledCluster('alpha', 3);
    expect(await store.restoreCluster(cluster)).toBe(true);
    expect(await store.getCluster('alpha')).toEqual(cluster);
    for (const filter of [{}, { state: 'ready' as const }, { owner: 'payments' }, { provider: 'aws' as const }]) {
      expect((await store.listClusters(filter, { limit: 10 })).items.map((item) => item.cluster.name)).toEqual(['alpha']);
    }
    const job = someJob('update', cluster);
    await store.changeCluster('alpha', { state: 'updating', spec: cluster.spec, job });
    expect((await claimed(store, job.id)).cluster).toMatchObject({ name: 'alpha', state: 'updating', activeJob: job.id });
  });

  it('is left alone where there is one of its name', async () => {
    const { store } = setting;
    const { cluster, job } = someCluster('alpha');
    await store.createCluster(cluster, job);
    const before = await store.getCluster('alpha');
    expect(await store.restoreCluster(settledCluster('alpha', 9))).toBe(false);
    expect(await store.getCluster('alpha')).toEqual(before);
  });

  it('leaves its number to nobody else, in whatever order clusters come back', async () => {
    const { store } = setting;
    await Promise.all([5, 12, 7].map((slot) => store.restoreCluster(settledCluster(`cluster-${slot}`, slot))));
    expect(await store.nextSlot()).toBe(13);
    await store.restoreCluster(settledCluster('cluster-2', 2));
    expect(await store.nextSlot()).toBe(14);
  });

  it('fences off whoever still has a token of before', async () => {
    const { store, redis } = setting;
    const before = someCluster('before');
    await store.createCluster(before.cluster, before.job);
    const old = await claimed(store, before.job.id);
    await redis.flushall();
    await store.restoreCluster(settledCluster('before', 1));
    const next = someCluster('next');
    await store.createCluster(next.cluster, next.job);
    expect((await claimed(store, next.job.id)).lease.token).toBeGreaterThan(old.lease.token + 1_000);
    await expect(store.renew(old.lease, 30_000)).rejects.toMatchObject({ code: 'lease-lost' });
    await expect(store.write(old.lease, { events: [] })).rejects.toMatchObject({ code: 'lease-lost' });
  });

  it('cannot be put back in the middle of a job', async () => {
    const { store } = setting;
    const { cluster } = someCluster('alpha');
    await expect(store.restoreCluster(cluster)).rejects.toMatchObject({ code: 'internal-error' });
    await expect(store.restoreCluster(settledCluster('alpha', 1, { state: 'updating' }))).rejects.toMatchObject({ code: 'internal-error' });
    expect(await store.getCluster('alpha')).toBeUndefined();
  });
});
