import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstAfter } from '../../../model/calendar.js';
import { followCalendars } from '../../../worker/calendars.js';
import { ended, inState, someJob } from '../../support/records.js';
import { claimed, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

const [sleep, wake] = ['0 20 * * *', '0 7 * * *'];
const follow = (now: Date, store = setting.store): Promise<void> => followCalendars({ store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }) }, now);
const kindsOf = async () => (await setting.store.listJobs({ cluster: 'nightly' }, { limit: 10 })).items.map(({ kind }) => kind);

/** Has the job that is to run come to its end. */
async function finishes(state: 'hibernated' | 'ready'): Promise<void> {
  const claim = await claimed(setting.store, present(await setting.store.getCluster('nightly')).activeJob ?? '');
  await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, state) });
}

it('begins one job at each time of a calendar, however many workers look and how often', async () => {
  const before = await readyCluster(setting.store, 'nightly');
  const spec = { ...before.spec, hibernation: { schedule: [{ sleep, wake, timeZone: 'UTC' }] } };
  await setting.store.changeCluster('nightly', { spec, state: 'updating', job: someJob('update', { ...before, spec }) });
  await finishes('ready');
  const night = firstAfter({ cron: sleep, timeZone: 'UTC' }, new Date());
  const morning = firstAfter({ cron: wake, timeZone: 'UTC' }, night);

  await follow(new Date(night.getTime() - 1_000));
  expect(await kindsOf()).toEqual(['update', 'create']);
  await Promise.all([follow(night), follow(night, setting.another()), follow(night, setting.another())]);
  expect(present(await setting.store.getCluster('nightly'))).toMatchObject({ state: 'updating', lastJob: { kind: 'hibernate' } });
  await finishes('hibernated');
  await follow(new Date(night.getTime() + 30_000));
  await follow(new Date(morning.getTime() - 1_000));
  expect(await kindsOf()).toEqual(['hibernate', 'update', 'create']);

  await follow(morning);
  await finishes('ready');
  await follow(new Date(morning.getTime() + 30_000));
  expect(await kindsOf()).toEqual(['wake', 'hibernate', 'update', 'create']);
});
