import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstAfter } from '../../../model/calendar.js';
import { followCalendars } from '../../../worker/calendars.js';
import { ended, inState, someJob } from '../../support/records.js';
import { claimed, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

const drift = { schedule: '30 5 * * *', timeZone: 'UTC' };
const minutes = (date: Date, count: number): Date => new Date(date.getTime() + count * 60_000);
const follow = (now: Date, store = setting.store): Promise<void> => followCalendars({ store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }) }, now);
const checks = async (): Promise<string[]> => (await setting.store.listJobs({ cluster: 'watched', kind: 'drift' }, { limit: 10 })).items.map(({ state, requestedBy }) => `${state} ${requestedBy}`);

async function finishes(): Promise<void> {
  const claim = await claimed(setting.store, present(await setting.store.getCluster('watched')).activeJob ?? '');
  await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
}

it('looks through a cluster once at each time of its calendar, and within twelve hours where it was busy', async () => {
  const before = await readyCluster(setting.store, 'watched');
  const spec = { ...before.spec, drift };
  await setting.store.changeCluster('watched', { spec, state: 'updating', job: someJob('update', { ...before, spec }) });
  await finishes();
  const due = firstAfter({ cron: drift.schedule, timeZone: drift.timeZone }, new Date());

  await follow(minutes(due, -1));
  expect(await checks()).toEqual([]);
  await Promise.all([follow(due), follow(due, setting.another()), follow(due, setting.another())]);
  expect(await checks()).toEqual(['queued clusterwright']);
  await finishes();
  await setting.store.report('watched', before.uid, { kind: 'drift', at: minutes(due, 5).toISOString(), findings: [], unchecked: [] });
  for (const later of [6, 60, 23 * 60]) await follow(minutes(due, later));
  expect(await checks()).toEqual(['succeeded clusterwright']);

  const next = minutes(due, 24 * 60);
  await setting.store.changeCluster('watched', { state: null, job: someJob('backup', present(await setting.store.getCluster('watched'))) });
  await follow(next);
  expect(await checks()).toHaveLength(1);
  await finishes();
  await follow(minutes(next, 12 * 60 + 1));
  expect(await checks()).toHaveLength(1);
  await follow(minutes(next, 12 * 60 - 1));
  expect(await checks()).toEqual(['queued clusterwright', 'succeeded clusterwright']);
});
