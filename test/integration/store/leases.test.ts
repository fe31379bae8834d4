import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUid } from '../../../model/ids.js';
import { ended, inState, someCluster, someJob, someSpec } from '../../support/records.js';
import { claimed, codeOf, message, storeSetting, submitted, texts, worker, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

describe('claiming a job', () => {
  it('makes it run: start, event, the cluster\'s last job, and the wake-up is done with', async () => {
    const job = await submitted(setting.store, 'claimed');

    const claim = await claimed(setting.store, job.id);

    expect(claim.job).toMatchObject({ id: job.id, state: 'running', attempt: 1 });
    expect(Date.parse(claim.job.startedAt ?? '')).toBeGreaterThan(Date.now() - 5_000);
    expect(claim.cluster).toMatchObject({ name: 'claimed', version: 2, activeJob: job.id, lastJob: { id: job.id, kind: 'create', state: 'running' } });
    expect(claim.lease).toMatchObject({ key: 'cluster:claimed', jobId: job.id });
    expect(await setting.store.getJob(job.id)).toEqual(claim.job);
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1']);
    expect((await setting.store.dueWakeUps(1_000)).map(({ jobId }) => jobId)).not.toContain(job.id);
    expect(await setting.store.leases()).toContainEqual(expect.objectContaining({ ...claim.lease, owner: worker('worker-1') }));
  });

  it('has one winner among many workers', async () => {
    const job = await submitted(setting.store, 'wanted');
    const stores = [setting.store, setting.another(), setting.another(), setting.another()];

    const claims = await Promise.all(Array.from({ length: 40 }, (_, index) =>
      (stores[index % 4] ?? setting.store).claimJob(job.id, worker(`worker-${index}`), 30_000)));

    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1']);
  });

  it('is refused for a job that has ended or never was', async () => {
    const job = await submitted(setting.store, 'over');
    const claim = await claimed(setting.store, job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });

    expect(await setting.store.claimJob(job.id, worker('late'), 30_000)).toBeUndefined();
    expect(await setting.store.claimJob('01J00000000000000000000000', worker('lost'), 30_000)).toBeUndefined();
  });

  it('leases a preview by itself, beside the cluster\'s own job', async () => {
    const { cluster, job } = someCluster('beside');
    await setting.store.createCluster(cluster, job);
    const preview = someJob('preview', cluster);
    const stranger = someJob('preview', { name: 'unmade', uid: newUid(), spec: someSpec('unmade') });
    await setting.store.submitPreview(preview);
    await setting.store.submitPreview(stranger);

    const operation = await claimed(setting.store, job.id);
    const look = await claimed(setting.store, preview.id);

    expect(look.lease.key).toBe(`job:${preview.id}`);
    expect(look.cluster).toMatchObject({ name: 'beside', lastJob: { id: job.id } });
    expect((await claimed(setting.store, stranger.id)).cluster).toBeUndefined();
    await setting.store.finish(look.lease, { job: ended(look.job) });
    await setting.store.renew(operation.lease, 30_000);
    expect(await setting.store.getCluster('beside')).toMatchObject({ activeJob: job.id, lastJob: { id: job.id, state: 'running' } });
  });
});

describe('a lease', () => {
  it('is an orphan\'s after its end, and the one who takes it over fences the old holder off', async () => {
    const job = await submitted(setting.store, 'orphaned');
    const old = await claimed(setting.store, job.id, 50);
    expect(await setting.store.takeOver(job.id, worker('hasty'), 30_000, { graceMs: 60_000 })).toBeUndefined();
    await sleep(80);
    expect((await setting.store.orphans(0)).map(({ id }) => id)).toContain(job.id);
    expect((await setting.store.orphans()).map(({ id }) => id)).not.toContain(job.id);

    const next = await setting.store.takeOver(job.id, worker('worker-2'), 30_000, { graceMs: 0 });

    expect(next?.job).toMatchObject({ state: 'running', attempt: 2 });
    expect(next?.lease.token).toBeGreaterThan(old.lease.token);
    expect((await setting.store.orphans(0)).map(({ id }) => id)).not.toContain(job.id);
    const before = { job: await setting.store.getJob(job.id), cluster: await setting.store.getCluster('orphaned') };
    expect(await codeOf(setting.store.renew(old.lease, 30_000))).toBe('lease-lost');
    expect(await codeOf(setting.store.write(old.lease, { job: { ...old.job, phase: 'verify' }, cluster: inState(old.cluster, 'failed'), events: [message('ghost')] }))).toBe('lease-lost');
    expect(await codeOf(setting.store.finish(old.lease, { job: ended(old.job), cluster: 'gone', events: [message('ghost')] }))).toBe('lease-lost');
    expect({ job: await setting.store.getJob(job.id), cluster: await setting.store.getCluster('orphaned') }).toEqual(before);
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'running 2']);
  });

  it('goes to one of many that want to take it over', async () => {
    const job = await submitted(setting.store, 'inherited');
    await claimed(setting.store, job.id, 1);
    await sleep(20);
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => setting.store.takeOver(job.id, worker(`heir-${index}`), 30_000, { graceMs: 0 })));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('is held by renewal', async () => {
    const job = await submitted(setting.store, 'held');
    const claim = await claimed(setting.store, job.id, 100);
    for (let round = 0; round < 4; round++) {
      await sleep(50);
      await setting.store.renew(claim.lease, 100);
    }
    expect((await setting.store.orphans(0)).map(({ id }) => id)).not.toContain(job.id);
    expect(await setting.store.takeOver(job.id, worker('thief'), 30_000, { graceMs: 0 })).toBeUndefined();
  });

  it('is not waited for when its holder is known to be dead', async () => {
    const job = await submitted(setting.store, 'dead');
    const claim = await claimed(setting.store, job.id);
    const held = (await setting.store.leases()).find(({ jobId }) => jobId === job.id);
    expect(held).toMatchObject({ ...claim.lease, owner: { host: 'host-1', pid: 4711 } });

    expect(await setting.store.takeOver(job.id, worker('other'), 30_000, { dead: { ...claim.lease, token: claim.lease.token - 1 } })).toBeUndefined();
    expect(await setting.store.takeOver(job.id, worker('other'), 30_000, { dead: held })).toMatchObject({ job: { attempt: 2 } });
  });

  it('that is taken over only to end the job makes no other attempt of it', async () => {
    const job = await submitted(setting.store, 'hopeless');
    await claimed(setting.store, job.id, 1);
    await sleep(20);

    const claim = await setting.store.takeOver(job.id, worker('undertaker'), 30_000, { graceMs: 0, toEnd: true });
    if (claim === undefined) throw new Error('the job was not to be had');
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'needs-repair') });

    expect(await setting.store.getJob(job.id)).toMatchObject({ state: 'failed', attempt: 1 });
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'failed 1']);
  });

  it('ends with its job', async () => {
    const job = await submitted(setting.store, 'released');
    const claim = await claimed(setting.store, job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'failed') });
    expect(await codeOf(setting.store.renew(claim.lease, 1_000))).toBe('lease-lost');
    expect(await codeOf(setting.store.write(claim.lease, { events: [message('late')] }))).toBe('lease-lost');
    expect(await setting.store.takeOver(job.id, worker('late'), 1_000, { graceMs: 0 })).toBeUndefined();
  });

  it('that is given up leaves its job running, for any worker at once, and fences the giver off', async () => {
    const job = await submitted(setting.store, 'given-up');
    const claim = await claimed(setting.store, job.id);
    await setting.store.write(claim.lease, { job: { ...claim.job, phase: 'infrastructure' } });
    expect((await setting.store.orphans()).map(({ id }) => id)).not.toContain(job.id);

    await setting.store.release(claim.lease);

    expect((await setting.store.orphans()).map(({ id }) => id)).toContain(job.id);
    expect(await setting.store.leases()).not.toContainEqual(expect.objectContaining({ jobId: job.id }));
    expect(await setting.store.getJob(job.id)).toMatchObject({ state: 'running', attempt: 1, phase: 'infrastructure' });
    expect(await setting.store.getCluster('given-up')).toMatchObject({ state: 'provisioning', activeJob: job.id });
    for (const late of [setting.store.release(claim.lease), setting.store.renew(claim.lease, 30_000), setting.store.write(claim.lease, { events: [message('ghost')] })]) {
      expect(await codeOf(late)).toBe('lease-lost');
    }
    const next = await setting.store.takeOver(job.id, worker('next'), 30_000);
    expect(next).toMatchObject({ job: { state: 'running', attempt: 2, phase: 'infrastructure' } });
    expect(await codeOf(setting.store.release(claim.lease))).toBe('lease-lost');
    expect((await setting.store.orphans()).map(({ id }) => id)).not.toContain(job.id);
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'running 2']);
  });
});
