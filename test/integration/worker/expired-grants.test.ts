import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withGrants } from '../../../model/access-grants.js';
import { newJobId } from '../../../model/ids.js';
import type { Maintenance } from '../../../model/maintenance.js';
import type { AccessGrant } from '../../../model/spec.js';
import { followCalendars } from '../../../worker/calendars.js';
import { ended, inState, someJob } from '../../support/records.js';
import { claimed, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

const now = new Date('2026-05-04T12:00:00.000Z');
const grant = (until: string): AccessGrant => ({ id: newJobId(), group: '44444444-4444-4444-8444-444444444444', role: 'operator', until, reason: 'Incident 4711', grantedBy: 'ann', grantedAt: '2026-05-01T12:00:00.000Z' });
const [over, holds] = [grant('2026-05-04T12:00:00Z'), grant('2026-05-04T12:00:01Z')];

/** A cluster with these grants, after the job that brought them: ready, or in the state that it was left in. */
async function granted(name: string, grants: readonly AccessGrant[], left: 'ready' | 'failed' = 'ready', maintenance?: Maintenance) {
  const { store } = setting;
  const before = await readyCluster(store, name);
  const spec = { ...withGrants(before.spec, grants), ...(maintenance === undefined ? {} : { maintenance }) };
  const job = someJob('update', { ...before, spec });
  await store.changeCluster(name, { spec, state: 'updating', job });
  const claim = await claimed(store, job.id);
  await store.finish(claim.lease, { job: ended(claim.job, left === 'ready' ? 'succeeded' : 'failed'), cluster: inState(claim.cluster, left) });
  return present(await store.getCluster(name));
}

let nudged = 0;
const forget = (store = setting.store): Promise<void> => followCalendars({ store, relay: { nudge: () => void (nudged += 1) }, log: pino({ level: 'silent' }) }, now);
const jobsOf = async (name: string) => (await setting.store.listJobs({ cluster: name }, { limit: 10 })).items;

it('takes grants whose time has passed out of the spec by one update, however many workers look', async () => {
  const before = await granted('over', [over, holds]);

  await Promise.all([forget(), forget(setting.another()), forget(setting.another())]);
  await forget();

  const cluster = present(await setting.store.getCluster('over'));
  expect(cluster).toMatchObject({ state: 'updating', spec: { access: { grants: [holds] } }, version: before.version + 1 });
  expect((await jobsOf('over'))[0]).toMatchObject({ id: cluster.activeJob, kind: 'update', requestedBy: 'clusterwright', intent: { request: { kind: 'update', access: { change: 'ended', grants: [over] } } } });
  expect(await jobsOf('over')).toHaveLength(3);
  expect(nudged).toBe(1);
});

it('leaves clusters alone whose grants hold, that are not ready, or that have something to do', async () => {
  await granted('holding', [holds]);
  await granted('failed', [over], 'failed');
  const busy = await granted('busy', [over]);
  await setting.store.changeCluster('busy', { state: null, job: someJob('backup', busy) });

  await forget();

  for (const [name, jobs] of [['holding', 2], ['failed', 2], ['busy', 3]] as const) expect(await jobsOf(name)).toHaveLength(jobs);
});

it('waits for a maintenance window of the cluster', async () => {
  const from = (start: string): Maintenance => ({ windows: [{ days: ['mon'], start, hours: 1, timeZone: 'UTC' }] });
  await granted('closed', [over], 'ready', from('12:01'));
  await granted('open', [over], 'ready', from('11:30'));

  await forget();

  for (const [name, jobs] of [['closed', 2], ['open', 3]] as const) expect(await jobsOf(name)).toHaveLength(jobs);
});
