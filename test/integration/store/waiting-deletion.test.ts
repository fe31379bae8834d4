import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, inState, someCluster, someJob } from '../../support/records.js';
import { claimed, codeOf, deletionOf, present, readyCluster, storeSetting, submitted, texts, worker, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

const cluster = async (name: string) => present(await setting.store.getCluster(name));
const dueJobs = async (): Promise<string[]> => (await setting.store.dueWakeUps(1_000)).map(({ jobId }) => jobId);
const at = '2026-02-03T04:05:06.000Z';

/** A cluster whose creation runs, and the deletion that waits for its end. */
async function waiting(name: string) {
  const claim = await claimed(setting.store, (await submitted(setting.store, name)).id);
  const deletion = await deletionOf(setting.store, await cluster(name), { cancelRunning: true });
  return { claim, deletion };
}

describe('a deletion that cancels a queued job', () => {
  it('begins in its place at once', async () => {
    const job = await submitted(setting.store, 'queued');
    const before = await cluster('queued');

    const deletion = someJob('delete', before);
    const change = await setting.store.changeCluster('queued', { state: 'deleting', job: deletion, cancelRunning: true, expectedVersion: before.version });

    expect(change.cluster).toEqual({
      ...before, state: 'deleting', version: 2, activeJob: deletion.id, lastJob: { id: deletion.id, kind: 'delete', state: 'queued' }, updatedAt: deletion.createdAt,
    });
    expect(await cluster('queued')).toEqual(change.cluster);
    expect(await setting.store.getJob(job.id)).toMatchObject({
      state: 'cancelled', endedAt: deletion.createdAt, error: { code: 'cancelled' }, cancellation: { requestedAt: deletion.createdAt, force: false },
      phases: job.phases.map(({ name }) => ({ name, state: 'skipped' })),
    });
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'cancelled 1']);
    expect(await dueJobs()).toContain(deletion.id);
    expect(await dueJobs()).not.toContain(job.id);
    expect((await setting.store.listClusters({ state: 'provisioning' }, { limit: 200 })).items.map((item) => item.cluster.name)).not.toContain('queued');
    expect((await claimed(setting.store, deletion.id)).job).toMatchObject({ kind: 'delete', state: 'running' });
  });

  it('is an ordinary one where nothing is unfinished', async () => {
    const ready = await readyCluster(setting.store, 'idle');
    const deletion = await deletionOf(setting.store, ready, { cancelRunning: true });
    expect(await cluster('idle')).toMatchObject({ state: 'deleting', activeJob: deletion.id, nextJob: null });
    expect(await dueJobs()).toContain(deletion.id);
  });
});

describe('a deletion that cancels a running job', () => {
  it('waits, and nobody is woken up for it', async () => {
    const { claim, deletion } = await waiting('waits');

    expect(await cluster('waits')).toMatchObject({
      state: 'provisioning', activeJob: claim.job.id, nextJob: deletion.id, version: 3, lastJob: { id: claim.job.id, kind: 'create', state: 'cancelling' },
    });
    expect(await setting.store.renew(claim.lease, 30_000)).toEqual({ requestedAt: deletion.createdAt, force: false });
    expect(await setting.store.getJob(deletion.id)).toEqual(deletion);
    expect(await texts(setting.store, deletion.id)).toEqual(['queued 1']);
    expect(await dueJobs()).not.toContain(deletion.id);
    expect(await setting.store.claimJob(deletion.id, worker('hasty'), 30_000)).toBeUndefined();
    expect((await setting.store.listJobs({ cluster: 'waits' }, { limit: 9 })).items.map(({ id }) => id)).toEqual([deletion.id, claim.job.id]);
  });

  it.each([['cancelled', 'failed'], ['cancelled', 'needs-repair'], ['failed', 'failed'], ['succeeded', 'ready']] as const)('begins with the end of that job as %s (%s)', async (state, left) => {
    const name = `ends-${state.slice(0, 4)}-${left.slice(0, 5)}`;
    const { claim, deletion } = await waiting(name);
    const { version } = await cluster(name);

    const finish = () => setting.store.finish(claim.lease, { job: ended(claim.job, state), cluster: { ...inState(claim.cluster, left), zones: ['eu-west-1b'] } });
    await finish();
    await finish();

    expect(await cluster(name)).toMatchObject({
      state: 'deleting', activeJob: deletion.id, nextJob: null, version: version + 1, zones: ['eu-west-1b'], lastJob: { id: deletion.id, kind: 'delete', state: 'queued' },
    });
    expect(await dueJobs()).toContain(deletion.id);
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1', `${state} 1`]);
    expect((await setting.store.listClusters({ state: 'deleting' }, { limit: 200 })).items.map((item) => item.cluster.name)).toContain(name);
    expect((await setting.store.listClusters({ state: left }, { limit: 200 })).items.map((item) => item.cluster.name)).not.toContain(name);

    const next = await claimed(setting.store, deletion.id);
    await setting.store.finish(next.lease, { job: ended(next.job), cluster: 'gone' });
    expect(await setting.store.getCluster(name)).toBeUndefined();
    expect(await texts(setting.store, deletion.id)).toEqual(['queued 1', 'running 1', 'succeeded 1']);
  });

  it('comes to a job that was being cancelled already, whose time stands', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'late')).id);
    await setting.store.requestCancel(claim.job.id, { force: true, at });

    const deletion = await deletionOf(setting.store, await cluster('late'), { cancelRunning: true });

    expect(await setting.store.getJob(claim.job.id)).toMatchObject({ state: 'cancelling', cancellation: { requestedAt: at, force: true } });
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1']);
    expect(await cluster('late')).toMatchObject({ nextJob: deletion.id });
  });

  it('can be cancelled itself while it waits; the running job stays cancelled', async () => {
    const { claim, deletion } = await waiting('unwanted');

    const answer = await setting.store.requestCancel(deletion.id, { force: false, at });

    expect(answer).toMatchObject({ job: { state: 'cancelled', endedAt: at }, cluster: { state: 'provisioning', activeJob: claim.job.id, nextJob: null, conditions: [], lastJob: { id: claim.job.id } } });
    expect(await texts(setting.store, deletion.id)).toEqual(['queued 1', 'cancelled 1']);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'cancelled'), cluster: inState(claim.cluster, 'failed') });
    expect(await cluster('unwanted')).toMatchObject({ state: 'failed', activeJob: null, nextJob: null, lastJob: { id: claim.job.id, state: 'cancelled' } });
    expect(await dueJobs()).not.toContain(deletion.id);
  });

  it('is refused while a deletion runs, is queued, or waits', async () => {
    const { claim, deletion } = await waiting('doomed');
    const again = async () => deletionOf(setting.store, await cluster('doomed'), { cancelRunning: true });
    const inTheWay = { code: 'operation-in-progress', job: `/jobs/${deletion.id}` };

    await expect(again()).rejects.toMatchObject(inTheWay);
    await setting.store.finish(claim.lease, { job: ended(claim.job, 'cancelled'), cluster: inState(claim.cluster, 'failed') });
    await expect(again()).rejects.toMatchObject(inTheWay);
    await claimed(setting.store, deletion.id);
    await expect(again()).rejects.toMatchObject(inTheWay);

    expect((await setting.store.getJob(deletion.id))?.cancellation).toBeNull();
    expect((await setting.store.listJobs({ cluster: 'doomed' }, { limit: 9 })).items).toHaveLength(2);
  });

  it('changes nothing where it is refused for another reason', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'stale')).id);
    const before = await cluster('stale');
    expect(await codeOf(deletionOf(setting.store, before, { cancelRunning: true, expectedVersion: before.version - 1 }))).toBe('precondition-failed');
    expect(await codeOf(deletionOf(setting.store, { ...before, uid: 'aaaaaaaaaaaa' }, { cancelRunning: true }))).toBe('precondition-failed');
    expect(await cluster('stale')).toEqual(before);
    expect(await setting.store.renew(claim.lease, 30_000)).toBeNull();
  });

  it('keeps the ended job from removing the cluster under it', async () => {
    const { claim, deletion } = await waiting('removed');
    await expect(setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: 'gone' })).rejects.toThrow('a deletion waits for its end');
    expect(await cluster('removed')).toMatchObject({ activeJob: claim.job.id, nextJob: deletion.id });
  });

  it('waits for the one that takes the cancelled job over', async () => {
    const { claim, deletion } = await waiting('orphaned');
    await setting.store.release(claim.lease);
    const heir = present(await setting.store.takeOver(claim.job.id, worker('heir'), 30_000));
    expect(heir.job).toMatchObject({ state: 'cancelling', attempt: 2, cancellation: { force: false } });
    await setting.store.finish(heir.lease, { job: ended(heir.job, 'cancelled'), cluster: inState(heir.cluster, 'failed') });
    expect(await cluster('orphaned')).toMatchObject({ state: 'deleting', activeJob: deletion.id });
  });
});

describe('a deletion that waits for a job which takes its cluster away itself', () => {
  it('begins all the same, on the record that is left to it', async () => {
    const { cluster: made } = someCluster('thrown-away');
    const drill = someJob('cluster-drill', made);
    await setting.store.createCluster({ ...made, activeJob: drill.id }, drill);
    const claim = await claimed(setting.store, drill.id);
    const deletion = await deletionOf(setting.store, await cluster('thrown-away'), { cancelRunning: true });

    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: 'gone' });

    expect(await cluster('thrown-away')).toMatchObject({ state: 'deleting', activeJob: deletion.id, nextJob: null });
    const last = await claimed(setting.store, deletion.id);
    await setting.store.finish(last.lease, { job: ended(last.job), cluster: 'gone' });
    expect(await setting.store.getCluster('thrown-away')).toBeUndefined();
  });
});
