import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstAfter, lastBefore } from '../../../model/calendar.js';
import { followCalendars } from '../../../worker/calendars.js';
import { ended, inState, someJob } from '../../support/records.js';
import { claimed, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

const drills = { schedule: '0 4 * * *', timeZone: 'UTC' };
const daily = { cron: drills.schedule, timeZone: drills.timeZone };
const minutes = (date: Date, count: number): Date => new Date(date.getTime() + count * 60_000);
const follow = (now: Date, store = setting.store): Promise<void> => followCalendars({ store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }) }, now);
const drillsOf = async (): Promise<string[]> => (await setting.store.listJobs({ cluster: 'tried', kind: 'drill' }, { limit: 10 })).items.map(({ state }) => state);
const active = async (): Promise<string> => present(await setting.store.getCluster('tried')).activeJob ?? '';

/** Has the job that is to run come to its end. */
async function finishes(state: 'succeeded' | 'failed' = 'succeeded'): Promise<void> {
  const claim = await claimed(setting.store, await active());
  await setting.store.finish(claim.lease, { job: ended(claim.job, state), cluster: inState(claim.cluster, 'ready') });
}

async function begins(kind: 'update' | 'backup'): Promise<void> {
  const cluster = present(await setting.store.getCluster('tried'));
  await setting.store.changeCluster('tried', { state: kind === 'update' ? 'updating' : null, job: someJob(kind, cluster) });
}

let due: Date;

it('begins one drill at each time of a calendar, however many workers look and how often, and leaves the cluster ready', async () => {
  const before = await readyCluster(setting.store, 'tried');
  const spec = { ...before.spec, recovery: { ...before.spec.recovery, drills } };
  await setting.store.changeCluster('tried', { spec, state: 'updating', job: someJob('update', { ...before, spec }) });
  await finishes();
  due = firstAfter(daily, new Date());

  await follow(minutes(due, -1));
  expect(await drillsOf()).toEqual([]);
  await Promise.all([follow(due), follow(due, setting.another()), follow(due, setting.another())]);
  expect(await drillsOf()).toEqual(['queued']);
  expect(present(await setting.store.getCluster('tried'))).toMatchObject({ state: 'ready', lastJob: { kind: 'drill' } });
  await finishes();
  for (const later of [1, 60, 23 * 60]) await follow(minutes(due, later));
  expect(await drillsOf()).toEqual(['succeeded']);
  expect(await setting.store.failedDrills()).toBe(0);
});

it('makes up for a time at which the cluster was busy, within twelve hours', async () => {
  due = firstAfter(daily, due);
  await begins('backup');
  await follow(due);
  await follow(minutes(due, 11 * 60));
  expect(await drillsOf()).toEqual(['succeeded']);
  await finishes();
  await follow(minutes(due, 12 * 60 + 1));
  expect(await drillsOf()).toEqual(['succeeded']);
  await follow(minutes(due, 11 * 60 + 59));
  expect(await drillsOf()).toEqual(['queued', 'succeeded']);
});

it('counts clusters whose last drill failed, and those that none has succeeded of for two intervals', async () => {
  expect(await setting.store.missedDrills()).toBe(0);
  await finishes('failed');
  expect(await setting.store.failedDrills()).toBe(1);
  // By the clock of this machine one has succeeded just now.
  const last = lastBefore(daily, new Date());
  const third = [1, 2, 3].reduce((at) => firstAfter(daily, at), last);
  await begins('update');
  await finishes();
  await follow(minutes(third, -1));
  expect(await setting.store.missedDrills()).toBe(0);
  await begins('backup');
  await follow(minutes(third, 1));
  expect(await setting.store.missedDrills()).toBe(1);
  await finishes();

  await follow(minutes(third, 2));
  await finishes();
  expect(await setting.store.failedDrills()).toBe(0);
});

it('begins drills of a whole cluster in clusters that are made for them, one at a time, while the cluster itself is at work, and counts those too', async () => {
  const before = await readyCluster(setting.store, 'whole');
  const spec = { ...before.spec, recovery: { ...before.spec.recovery, clusterDrills: drills } };
  await setting.store.changeCluster('whole', { spec, state: 'updating', job: someJob('update', { ...before, spec }) });
  const update = await claimed(setting.store, present(await setting.store.getCluster('whole')).activeJob ?? '');
  await setting.store.finish(update.lease, { job: ended(update.job), cluster: inState(update.cluster, 'ready') });
  const wholeDrills = async () => (await setting.store.listJobs({ drillsOf: 'whole' }, { limit: 10 })).items;
  const first = firstAfter(daily, new Date());

  await follow(first);
  expect(await wholeDrills()).toEqual([]);
  await setting.store.report('whole', before.uid, { kind: 'backups', at: first.toISOString(), backups: [{
    id: 'velero/velero-daily-1', of: 'objects', at: first.toISOString(), state: 'completed', errors: 0, sizeBytes: null, includedNamespaces: ['*'], excludedNamespaces: [], items: 3, files: true, expiresAt: null,
  }] });
  await setting.store.changeCluster('whole', { state: null, job: someJob('backup', present(await setting.store.getCluster('whole'))) });
  await Promise.all([follow(first), follow(first, setting.another()), follow(first, setting.another())]);
  await follow(minutes(first, 24 * 60));

  const [job, ...others] = await wholeDrills();
  expect(others).toEqual([]);
  expect(job).toMatchObject({ kind: 'cluster-drill', state: 'queued', requestedBy: 'clusterwright', spec: { labels: { 'drill-of': 'whole' } }, intent: { request: { backup: 'velero-daily-1', source: { name: 'whole', uid: before.uid } } } });
  expect(present(await setting.store.getCluster(job?.cluster ?? ''))).toMatchObject({ state: 'provisioning', activeJob: job?.id });
  const failures = await setting.store.failedDrills();
  const claim = await claimed(setting.store, job?.id ?? '');
  await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: 'gone' });
  expect(await setting.store.failedDrills()).toBe(failures + 1);
  expect(await setting.store.getCluster(job?.cluster ?? '')).toBeUndefined();

  await follow(minutes(first, 24 * 60));
  const [next] = await wholeDrills();
  expect(next).toMatchObject({ state: 'queued' });
  const again = await claimed(setting.store, next?.id ?? '');
  await setting.store.finish(again.lease, { job: ended(again.job), cluster: 'gone' });
  expect(await setting.store.failedDrills()).toBe(failures);
  expect([...(await setting.store.succeededDrills('cluster-drill')).keys()]).toEqual(['whole']);
});
