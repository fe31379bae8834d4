import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEventBody } from '../../../model/event.js';
import { newUid } from '../../../model/ids.js';
import type { JobRecord } from '../../../model/job.js';
import { ended, inState, someCluster, someJob, someObservation, someSpec } from '../../support/records.js';
import { claimed, codeOf, storeSetting, worker, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

async function submitted(name: string): Promise<JobRecord> {
  const { cluster, job } = someCluster(name);
  await setting.store.createCluster(cluster, job);
  return job;
}

const message = (text: string): JobEventBody => ({ type: 'message', severity: 'info', text, resource: null });

async function texts(jobId: string): Promise<string[]> {
  const events = await setting.store.events(jobId, undefined, 1_000);
  return events.map(({ event }) => (event.type === 'message' ? event.text : event.type === 'state' ? `${event.state} ${event.attempt}` : event.type));
}

describe('claiming a job', () => {
  it('makes it run: start, event, the cluster\'s last job, and the wake-up is done with', async () => {
    const job = await submitted('claimed');

    const claim = await claimed(setting.store, job.id);

    expect(claim.job).toMatchObject({ id: job.id, state: 'running', attempt: 1 });
    expect(Date.parse(claim.job.startedAt ?? '')).toBeGreaterThan(Date.now() - 5_000);
    expect(claim.cluster).toMatchObject({ name: 'claimed', version: 2, activeJob: job.id, lastJob: { id: job.id, kind: 'create', state: 'running' } });
    expect(claim.lease).toMatchObject({ key: 'cluster:claimed', jobId: job.id });
    expect(await setting.store.getJob(job.id)).toEqual(claim.job);
    expect(await texts(job.id)).toEqual(['queued 1', 'running 1']);
    expect((await setting.store.dueWakeUps(1_000)).map(({ jobId }) => jobId)).not.toContain(job.id);
    expect(await setting.store.leases()).toContainEqual(expect.objectContaining({ ...claim.lease, owner: worker('worker-1') }));
  });

  it('has one winner among many workers', async () => {
    const job = await submitted('wanted');
    const stores = [setting.store, setting.another(), setting.another(), setting.another()];

    const claims = await Promise.all(Array.from({ length: 40 }, (_, index) =>
      (stores[index % 4] ?? setting.store).claimJob(job.id, worker(`worker-${index}`), 30_000)));

    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await texts(job.id)).toEqual(['queued 1', 'running 1']);
  });

  it('is refused for a job that has ended or never was', async () => {
    const job = await submitted('over');
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

describe('a worker\'s writes', () => {
  it('store job, cluster and events together, and the store raises the version', async () => {
    const job = await submitted('written');
    const claim = await claimed(setting.store, job.id);
    const running: JobRecord = { ...claim.job, phase: 'infrastructure', progress: { percent: 37, resources: { done: 41, total: 112 } } };
    const connected = { ...inState(claim.cluster, 'provisioning'), connection: { endpoint: 'https://api.written.clusterwright.internal:6443', address: 'lb.example', certificateAuthority: 'PEM' } };

    await setting.store.write(claim.lease, { job: running, cluster: { ...connected, version: 99 }, events: [message('one'), message('two')] });

    expect(await setting.store.getJob(job.id)).toEqual(running);
    expect(await setting.store.getCluster('written')).toMatchObject({ connection: connected.connection, version: 3, activeJob: job.id });
    expect(await texts(job.id)).toEqual(['queued 1', 'running 1', 'one', 'two']);
  });

  it('cannot end a job, move it back or move the cluster wrongly', async () => {
    const job = await submitted('moves');
    const claim = await claimed(setting.store, job.id);

    await expect(setting.store.write(claim.lease, { job: ended(claim.job) })).rejects.toThrow('ends by finish()');
    await expect(setting.store.write(claim.lease, { job: { ...claim.job, state: 'queued' } })).rejects.toThrow('cannot move from running to queued');
    await expect(setting.store.write(claim.lease, { cluster: inState(claim.cluster, 'deleting'), events: [message('never')] })).rejects.toThrow('cannot move from provisioning to deleting');
    await expect(setting.store.finish(claim.lease, { job: claim.job })).rejects.toThrow('cannot end as running');
    await expect(setting.store.finish(claim.lease, { job: ended(claim.job) })).rejects.toThrow('without a settled state');
    expect(await texts(job.id)).toEqual(['queued 1', 'running 1']);
  });

  it('are refused when nobody could read them again', async () => {
    const job = await submitted('unreadable');
    const claim = await claimed(setting.store, job.id);
    const progress = { percent: 12.5, resources: { done: 1, total: 8 } };
    await expect(setting.store.write(claim.lease, { job: { ...claim.job, progress } })).rejects.toThrow('A job to be stored is not valid: progress.percent.');
    expect(await setting.store.getJob(job.id)).toEqual(claim.job);
  });

  it('tell of a state once, whatever events the worker gives', async () => {
    const job = await submitted('told');
    const claim = await claimed(setting.store, job.id);
    const event: JobEventBody = { type: 'state', state: 'succeeded', attempt: 1, error: null };

    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready'), events: [message('last'), event] });

    expect(await texts(job.id)).toEqual(['queued 1', 'running 1', 'last', 'succeeded 1']);
    expect(await setting.store.getCluster('told')).toMatchObject({ state: 'ready', activeJob: null, lastJob: { id: job.id, state: 'succeeded' } });
    expect(await setting.store.leases()).not.toContainEqual(expect.objectContaining({ jobId: job.id }));
  });

  it('happen once when they are repeated because the answer got lost', async () => {
    const job = await submitted('repeated');
    const claim = await claimed(setting.store, job.id);
    const write = () => setting.store.write(claim.lease, { id: 'write-1', events: [message('once')] });
    const finish = () => setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready'), events: [message('end')] });

    await write();
    await write();
    await finish();
    await finish();

    expect(await texts(job.id)).toEqual(['queued 1', 'running 1', 'once', 'end', 'succeeded 1']);
  });
});

describe('a lease', () => {
  it('is an orphan\'s after its end, and the one who takes it over fences the old holder off', async () => {
    const job = await submitted('orphaned');
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
    expect(await texts(job.id)).toEqual(['queued 1', 'running 1', 'running 2']);
  });

  it('goes to one of many that want to take it over', async () => {
    const job = await submitted('inherited');
    await claimed(setting.store, job.id, 1);
    await sleep(20);
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => setting.store.takeOver(job.id, worker(`heir-${index}`), 30_000, { graceMs: 0 })));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('is held by renewal', async () => {
    const job = await submitted('held');
    const claim = await claimed(setting.store, job.id, 100);
    for (let round = 0; round < 4; round++) {
      await sleep(50);
      await setting.store.renew(claim.lease, 100);
    }
    expect((await setting.store.orphans(0)).map(({ id }) => id)).not.toContain(job.id);
    expect(await setting.store.takeOver(job.id, worker('thief'), 30_000, { graceMs: 0 })).toBeUndefined();
  });

  it('is not waited for when its holder is known to be dead', async () => {
    const job = await submitted('dead');
    const claim = await claimed(setting.store, job.id);
    const held = (await setting.store.leases()).find(({ jobId }) => jobId === job.id);
    expect(held).toMatchObject({ ...claim.lease, owner: { host: 'host-1', pid: 4711 } });

    expect(await setting.store.takeOver(job.id, worker('other'), 30_000, { dead: { ...claim.lease, token: claim.lease.token - 1 } })).toBeUndefined();
    expect(await setting.store.takeOver(job.id, worker('other'), 30_000, { dead: held })).toMatchObject({ job: { attempt: 2 } });
  });

  it('ends with its job', async () => {
    const job = await submitted('released');
    const claim = await claimed(setting.store, job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: inState(claim.cluster, 'failed') });
    expect(await codeOf(setting.store.renew(claim.lease, 1_000))).toBe('lease-lost');
    expect(await codeOf(setting.store.write(claim.lease, { events: [message('late')] }))).toBe('lease-lost');
    expect(await setting.store.takeOver(job.id, worker('late'), 1_000, { graceMs: 0 })).toBeUndefined();
  });
});

describe('an observation', () => {
  it('is kept beside the cluster and never raises its version', async () => {
    const { cluster, job } = someCluster('observed');
    await setting.store.createCluster(cluster, job);
    await setting.store.observe('observed', cluster.uid, someObservation(7));
    expect(await setting.store.getObservation('observed')).toMatchObject({ nodes: { workers: 7 } });
    expect((await setting.store.getCluster('observed'))?.version).toBe(1);
  });

  it('of a cluster that was deleted is dropped, also when its name is taken again', async () => {
    const { cluster, job } = someCluster('unseen');
    await setting.store.createCluster(cluster, job);
    await setting.store.observe('unseen', newUid(), someObservation());
    await setting.store.observe('never', newUid(), someObservation());
    expect(await setting.store.getObservation('unseen')).toBeUndefined();
    expect(await setting.store.getObservation('never')).toBeUndefined();
  });
});

describe('the number of jobs', () => {
  it('is told by state', async () => {
    const before = await setting.store.countJobs();
    const job = await submitted('counted');
    expect(await setting.store.countJobs()).toEqual({ ...before, queued: before.queued + 1 });
    const claim = await claimed(setting.store, job.id);
    expect(await setting.store.countJobs()).toEqual({ ...before, running: before.running + 1 });
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
    expect(await setting.store.countJobs()).toEqual({ ...before, succeeded: before.succeeded + 1 });
  });
});

describe('the installation', () => {
  it('is the first that claimed this Redis', async () => {
    const claims = await Promise.all(['one', 'two', 'three'].map((id) => setting.another().claimInstallation({ id, mode: 'sandbox' })));
    expect(new Set(claims.map(({ id }) => id)).size).toBe(1);
    expect(await setting.store.installation()).toEqual(claims[0]);
  });
});

describe('workers', () => {
  it('are listed with their last beats until they have long been silent', async () => {
    const beat = { at: new Date().toISOString(), host: 'host-1', pid: 1, backend: 'ok', running: 2 } as const;
    await setting.store.workerBeat('worker-1', { ...beat, running: 1 });
    await setting.store.workerBeat('worker-1', beat);
    await setting.store.workerBeat('worker-0', { ...beat, at: '2026-01-01T00:00:00.000Z' });
    expect(await setting.store.workers()).toEqual([{ id: 'worker-1', ...beat }]);
  });
});
