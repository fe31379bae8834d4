import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobRecord } from '../../../model/job.js';
import { isOfMachineImages, type JobRequest } from '../../../model/job-request.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { beginWaitingJobs } from '../../../worker/waiting-jobs.js';
import { ended, inState, someJob } from '../../support/records.js';
import { claimed, deletionOf, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

const windowAt = (start: string): Pick<ClusterSpec, 'maintenance'> => ({ maintenance: { windows: [{ days: ['sat'], start, hours: 2, timeZone: 'UTC' }] } });
const opens = '2026-05-09T02:00:00.000Z';
const begin = (now: string, store = setting.store): Promise<void> => beginWaitingJobs({ store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }) }, new Date(now));
const cluster = async (name: string) => present(await setting.store.getCluster(name));
const job = async ({ id }: JobRecord) => present(await setting.store.getJob(id));

async function finishes(name: string, state: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
  const claim = await claimed(setting.store, (await cluster(name)).activeJob ?? '');
  await setting.store.finish(claim.lease, { job: ended(claim.job, state), cluster: inState(claim.cluster, state === 'failed' ? 'failed' : 'ready') });
}

async function changed(name: string, changes: Partial<ClusterSpec>, state: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
  const before = await cluster(name);
  const spec = { ...before.spec, ...changes };
  await setting.store.changeCluster(name, { spec, state: 'updating', job: someJob('update', { ...before, spec }) });
  await finishes(name, state);
}

/** A cluster with a window on Saturdays at 2, and a job that waits for it. */
async function waiting(name: string, kind: 'upgrade' | 'rotate', request?: JobRequest): Promise<JobRecord> {
  await readyCluster(setting.store, name);
  await changed(name, windowAt('02:00'));
  const now = await cluster(name);
  const spec = kind === 'upgrade' && !isOfMachineImages(request) ? { ...now.spec, kubernetesVersion: '1.36' as const } : now.spec;
  const job = someJob(kind, { ...now, spec });
  return (await setting.store.changeCluster(name, { state: null, job: { ...job, notBefore: opens, intent: { ...job.intent, request } } })).job;
}

it('begins what waits once when a window opens, however many workers look, on the spec as it is by then', async () => {
  const upgrade = await waiting('patched', 'upgrade');
  await changed('patched', { labels: { team: 'new' }, owner: 'accounting' });
  await begin('2026-05-09T01:59:59Z');
  expect(await cluster('patched')).toMatchObject({ activeJob: null, state: 'ready', spec: { kubernetesVersion: '1.35' } });

  await Promise.all([begin('2026-05-09T02:00:00Z'), begin('2026-05-09T02:00:00Z', setting.another()), begin('2026-05-09T02:00:00Z', setting.another())]);

  const spec = { kubernetesVersion: '1.36', labels: { team: 'new' }, owner: 'accounting' };
  expect(await cluster('patched')).toMatchObject({ activeJob: upgrade.id, state: 'updating', spec, lastJob: { id: upgrade.id, state: 'queued' } });
  expect((await setting.store.dueWakeUps(100)).filter(({ jobId }) => jobId === upgrade.id)).toHaveLength(1);
  expect((await setting.store.listJobs({ owners: ['accounting'] }, { limit: 10 })).items.map(({ id }) => id)).toContain(upgrade.id);
  expect((await claimed(setting.store, upgrade.id)).job).toMatchObject({ kind: 'upgrade', spec });
});

it('waits while the cluster has something to do, also for the next window, and goes by the windows of the spec', async () => {
  const rotate = await waiting('busy', 'rotate');
  await setting.store.changeCluster('busy', { state: null, job: someJob('backup', await cluster('busy')) });
  await begin('2026-05-09T02:00:00Z');
  await finishes('busy');
  await begin('2026-05-09T04:00:00Z');
  await changed('busy', windowAt('10:00'));
  await begin('2026-05-16T02:30:00Z');
  expect((await cluster('busy')).activeJob).toBeNull();

  await begin('2026-05-16T10:00:00Z');
  expect(await cluster('busy')).toMatchObject({ activeJob: rotate.id, state: 'updating' });
});

it('begins an upgrade in place as one, to the minor that was asked for', async () => {
  const upgrade = await waiting('staying', 'upgrade', { kind: 'upgrade', inPlace: true });
  await begin('2026-05-09T02:00:00Z');

  expect(await cluster('staying')).toMatchObject({ activeJob: upgrade.id, spec: { kubernetesVersion: '1.36' } });
  expect((await claimed(setting.store, upgrade.id)).job).toMatchObject({ spec: { kubernetesVersion: '1.36' }, intent: { request: { inPlace: true } } });
});

it('begins an upgrade of machines to the current image within the minor that the cluster has by then', async () => {
  const images = await waiting('imaged', 'upgrade', { kind: 'upgrade', machineImages: 'current' });
  await changed('imaged', { kubernetesVersion: '1.36' });
  await begin('2026-05-09T02:00:00Z');

  expect(await cluster('imaged')).toMatchObject({ activeJob: images.id, state: 'updating', spec: { kubernetesVersion: '1.36' } });
  expect((await claimed(setting.store, images.id)).job).toMatchObject({ spec: { kubernetesVersion: '1.36' }, intent: { request: { machineImages: 'current' } } });
});

it('ends what is not possible any more, with the reason, and leaves the cluster as it is', async () => {
  const [upgrade, rotate] = [await waiting('older', 'upgrade'), await waiting('broken', 'rotate')];
  await changed('older', { kubernetesVersion: '1.34' });
  await changed('broken', {}, 'failed');
  await begin('2026-05-09T02:00:00Z');
  await begin('2026-05-09T02:01:00Z');

  expect(await job(upgrade)).toMatchObject({ state: 'failed', startedAt: null, endedAt: '2026-05-09T02:00:00.000Z', error: { code: 'upgrade-not-ready' } });
  expect(await job(rotate)).toMatchObject({ state: 'failed', error: { code: 'cluster-incomplete' } });
  expect(await cluster('older')).toMatchObject({ activeJob: null, state: 'ready', spec: { kubernetesVersion: '1.34' }, lastJob: { kind: 'update' } });
});

it('is cancelled with a deletion, and a cluster of the same name has none', async () => {
  const rotate = await waiting('deleted', 'rotate');
  await deletionOf(setting.store, await cluster('deleted'));
  expect(await job(rotate)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  const claim = await claimed(setting.store, (await cluster('deleted')).activeJob ?? '');
  await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: 'gone' });
  await readyCluster(setting.store, 'deleted');
  await begin('2026-05-09T02:00:00Z');
  expect((await cluster('deleted')).activeJob).toBeNull();
});
