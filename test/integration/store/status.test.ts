import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { FirstEnds } from '../../../model/expiry.js';
import { newUid } from '../../../model/ids.js';
import { ended, inState, someCluster, someJob, someObservation } from '../../support/records.js';
import { claimed, deletionOf, readyCluster, storeSetting, submitted, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

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

describe('what clusters have that ends', () => {
  it('is counted by kind, as it was last told, for as long as a cluster is there', async () => {
    const now = Date.now();
    const days = (count: number): number => now + count * 24 * 3_600_000;
    const before = (count: number) => setting.store.endingBefore(new Date(days(count)));
    const tell = ({ name, uid }: ClusterRecord, ends: FirstEnds): Promise<void> => setting.store.report(name, uid, { kind: 'expiries', at: new Date(now).toISOString(), expiries: [] }, ends);
    const [first, second] = [await readyCluster(setting.store, 'ending'), await readyCluster(setting.store, 'lasting')];
    await tell(first, { 'kubernetes': days(20), 'join-token': days(1) });
    await tell(second, { kubernetes: days(40) });

    expect(await before(0)).toEqual({ 'certificate': 0, 'authority': 0, 'provisioner-client': 0, 'join-token': 0, 'kubernetes': 0, 'operating-system': 0 });
    expect(await before(30)).toMatchObject({ 'kubernetes': 1, 'join-token': 1 });
    expect(await before(60)).toMatchObject({ kubernetes: 2 });

    await tell(first, { kubernetes: days(90) });
    expect(await before(60)).toMatchObject({ 'kubernetes': 1, 'join-token': 0 });
    const claim = await claimed(setting.store, (await deletionOf(setting.store, second)).id);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: 'gone' });
    expect(await before(100)).toMatchObject({ kubernetes: 1 });
  });

  it('is no token of a cluster that sleeps', async () => {
    const asleep = await readyCluster(setting.store, 'asleep');
    const until = Date.now() + 3_600_000;
    await setting.store.report('asleep', asleep.uid, { kind: 'expiries', at: new Date().toISOString(), expiries: [] }, { 'join-token': until, 'provisioner-client': until, certificate: until });
    const { job } = await setting.store.changeCluster('asleep', { state: 'updating', job: someJob('hibernate', asleep) });
    expect(await setting.store.endingBefore(new Date(until))).toMatchObject({ 'join-token': 1, 'provisioner-client': 1 });
    const claim = await claimed(setting.store, job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'hibernated') });
    expect(await setting.store.endingBefore(new Date(until))).toMatchObject({ 'join-token': 0, 'provisioner-client': 0, certificate: 1 });
  });
});

describe('the number of jobs', () => {
  it('is told by state', async () => {
    const before = await setting.store.countJobs();
    const job = await submitted(setting.store, 'counted');
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
