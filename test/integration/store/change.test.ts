import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, inState, someCluster, someJob, someSpec } from '../../support/records.js';
import { claimed, codeOf, present, readyCluster, storeSetting, submitted, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

describe('changing a cluster', () => {
  it('writes spec, state and job, and raises the version', async () => {
    const cluster = await readyCluster(setting.store, 'changed');
    const spec = someSpec('changed', { owner: 'search' });
    const job = { ...someJob('update', cluster), spec };

    const change = await setting.store.changeCluster('changed', { expectedVersion: cluster.version, spec, state: 'updating', job });

    expect(change.cluster).toEqual({
      ...cluster, spec, state: 'updating', version: cluster.version + 1, activeJob: job.id, lastJob: { id: job.id, kind: 'update', state: 'queued' }, updatedAt: job.createdAt,
    });
    expect(await setting.store.getCluster('changed')).toEqual(change.cluster);
    expect(await setting.store.getJob(job.id)).toEqual(job);
    expect(await setting.store.dueWakeUps(100)).toContainEqual({ jobId: job.id, attempt: 1, queue: 'operations' });
  });

  it('refuses a cluster that is not there', async () => {
    const { cluster } = someCluster('absent');
    expect(await codeOf(setting.store.changeCluster('absent', { state: 'deleting', job: someJob('delete', cluster) }))).toBe('cluster-not-found');
  });

  it('refuses a version that is no longer the current one', async () => {
    const cluster = await readyCluster(setting.store, 'stale');
    const job = someJob('delete', cluster);

    expect(await codeOf(setting.store.changeCluster('stale', { expectedVersion: cluster.version - 1, state: 'deleting', job }))).toBe('precondition-failed');
    expect(await setting.store.getCluster('stale')).toEqual(cluster);
    expect(await setting.store.getJob(job.id)).toBeUndefined();
  });

  it('refuses a job for a namesake that was made since', async () => {
    const cluster = await readyCluster(setting.store, 'namesake');
    const job = someJob('delete', { ...cluster, uid: 'aaaaaaaaaaaa' });
    expect(await codeOf(setting.store.changeCluster('namesake', { state: 'deleting', job }))).toBe('precondition-failed');
  });

  it('lets a cluster have one unfinished job, and links it', async () => {
    const cluster = await readyCluster(setting.store, 'busy');
    const stores = [setting.store, setting.another(), setting.another()];
    const jobs = Array.from({ length: 20 }, () => someJob('update', cluster));

    const results = await Promise.allSettled(jobs.map((job, index) => (stores[index % 3] ?? setting.store).changeCluster('busy', { spec: cluster.spec, state: 'updating', job })));

    const winner = (await setting.store.getCluster('busy'))?.activeJob;
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'operation-in-progress', job: `/jobs/${winner ?? ''}` });
    }
    expect((await setting.store.listJobs({ cluster: 'busy' }, { limit: 50 })).items).toHaveLength(2);
  });

  it('lets one of many win that have read the same version', async () => {
    const cluster = await readyCluster(setting.store, 'raced');
    const codes = await Promise.all(Array.from({ length: 10 }, () =>
      codeOf(setting.store.changeCluster('raced', { expectedVersion: cluster.version, spec: cluster.spec, state: 'updating', job: someJob('update', cluster) }))));
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'precondition-failed')).toHaveLength(9);
  });

  it('is possible again once the job has ended', async () => {
    const cluster = await readyCluster(setting.store, 'again');
    const job = someJob('update', cluster);
    await setting.store.changeCluster('again', { spec: cluster.spec, state: 'updating', job });
    const claim = await claimed(setting.store, job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'failed') });

    const deletion = someJob('delete', cluster);
    expect(await setting.store.changeCluster('again', { state: 'deleting', job: deletion })).toMatchObject({ cluster: { state: 'deleting', activeJob: deletion.id } });
  });

  it('can be a repair, from every settled state', async () => {
    for (const state of ['ready', 'failed', 'needs-repair'] as const) {
      const claim = await claimed(setting.store, (await submitted(setting.store, `broken-${state}`)).id);
      await setting.store.finish(claim.lease, { job: ended(claim.job, state === 'ready' ? 'succeeded' : 'failed'), cluster: inState(claim.cluster, state) });
      const repair = someJob('repair', present(claim.cluster));
      await setting.store.changeCluster(`broken-${state}`, { state: 'updating', job: repair });
      expect(await setting.store.dueWakeUps(1_000)).toContainEqual({ jobId: repair.id, attempt: 1, queue: 'operations' });
      const next = await claimed(setting.store, repair.id);
      expect(next).toMatchObject({ job: { kind: 'repair', state: 'running' }, cluster: { state: 'updating', lastJob: { kind: 'repair' } } });
      await setting.store.finish(next.lease, { job: ended(next.job), cluster: inState(next.cluster, 'ready') });
    }
  });
});

describe('another try of a job', () => {
  const failed = async (name: string) => {
    const claim = await claimed(setting.store, (await submitted(setting.store, name)).id);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'failed') });
    return { first: claim.job, cluster: present(claim.cluster) };
  };

  it('follows the cluster\'s last one, and a creation provisions again', async () => {
    const { first, cluster } = await failed('tried');
    const again = someJob('create', cluster);
    expect(await setting.store.changeCluster('tried', { state: 'provisioning', job: again, onlyAfter: first.id })).toMatchObject({ cluster: { state: 'provisioning', activeJob: again.id } });
  });

  it('is refused behind a later job', async () => {
    const { first, cluster } = await failed('superseded');
    const update = someJob('update', cluster);
    await setting.store.changeCluster('superseded', { state: 'updating', job: update, spec: cluster.spec });
    const retry = () => setting.store.changeCluster('superseded', { state: 'provisioning', job: someJob('create', cluster), onlyAfter: first.id });
    await expect(retry()).rejects.toMatchObject({ code: 'operation-in-progress', job: `/jobs/${update.id}` });
    const claim = await claimed(setting.store, update.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'failed') });
    const before = await setting.store.getCluster('superseded');
    await expect(retry()).rejects.toMatchObject({ code: 'job-not-retryable' });
    expect(await setting.store.getCluster('superseded')).toEqual(before);
  });

  it('is written for one of many that ask for it', async () => {
    const { first, cluster } = await failed('tried-by-many');
    const codes = await Promise.all(Array.from({ length: 20 }, () =>
      codeOf(setting.store.changeCluster('tried-by-many', { state: 'provisioning', job: someJob('create', cluster), onlyAfter: first.id }))));
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'operation-in-progress')).toHaveLength(19);
  });
});

describe('a deleted cluster', () => {
  it('leaves no record but its jobs, their events and the receipt, and its name is free', async () => {
    const cluster = await readyCluster(setting.store, 'deleted');
    const job = someJob('delete', cluster);
    await setting.store.changeCluster('deleted', { state: 'deleting', job });
    const claim = await claimed(setting.store, job.id);
    const receipt = { checked: [{ kind: 'aws:ec2/vpc:Vpc', count: 0 }], leftovers: [], retained: [], at: new Date().toISOString() };

    await setting.store.finish(claim.lease, { job: { ...ended(claim.job), receipt }, cluster: 'gone' });

    expect(await setting.store.getCluster('deleted')).toBeUndefined();
    expect(await setting.redis.keys('*deleted*')).toEqual(['{clusterwright}:jobs:cluster:deleted']);
    expect((await setting.store.listClusters({}, { limit: 200 })).items.map((item) => item.cluster.name)).not.toContain('deleted');
    expect((await setting.store.listClusters({ owner: 'payments' }, { limit: 200 })).items.map((item) => item.cluster.name)).not.toContain('deleted');
    expect(await setting.store.getJob(job.id)).toMatchObject({ state: 'succeeded', receipt });
    expect((await setting.store.events(job.id, undefined, 10)).at(-1)).toMatchObject({ event: { type: 'state', state: 'succeeded' } });

    const next = someCluster('deleted');
    expect(await setting.store.createCluster(next.cluster, next.job)).toMatchObject({ replayed: false, cluster: { version: 1 } });
  });
});
