import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUid } from '../../../model/ids.js';
import { stateDuring } from '../../../model/cluster.js';
import { jobKinds, makesCluster, type JobRecord } from '../../../model/job.js';
import { ended, inState, someJob, someSpec } from '../../support/records.js';
import { claimed, codeOf, deletionOf, message, present, readyCluster, storeSetting, submitted, texts, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

const at = '2026-02-03T04:05:06.000Z';
const later = '2026-02-03T05:00:00.000Z';
const cancel = (jobId: string, request: { force?: boolean; at?: string } = {}) => setting.store.requestCancel(jobId, { force: false, at, ...request });
const dueJobs = async (): Promise<string[]> => (await setting.store.dueWakeUps(1_000)).map(({ jobId }) => jobId);

/** What a worker writes at the end of a job that was cancelled. */
function cancelledEnd(job: JobRecord): JobRecord {
  return { ...ended(job, 'cancelled'), error: { code: 'cancelled', title: 'The job was cancelled', detail: 'It was cancelled.', resource: null, hint: 'Retry it.', retryable: true } };
}

describe('cancelling a queued job', () => {
  it('ends it at once: nobody is woken up for it, and its cluster has failed', async () => {
    const job = await submitted(setting.store, 'unbegun');

    const answer = await cancel(job.id);

    expect(answer.job).toEqual({
      ...job, state: 'cancelled', endedAt: at, cancellation: { requestedAt: at, force: false },
      phases: job.phases.map((phase) => ({ ...phase, state: 'skipped' })),
      error: expect.objectContaining({ code: 'cancelled', detail: 'The job was cancelled before it had begun: it has changed nothing.' }),
    });
    expect(answer.cluster).toMatchObject({ state: 'failed', version: 2, activeJob: null, nextJob: null, conditions: [], updatedAt: at, lastJob: { id: job.id, kind: 'create', state: 'cancelled' } });
    expect(await setting.store.getJob(job.id)).toEqual(answer.job);
    expect(await setting.store.getCluster('unbegun')).toEqual(answer.cluster);
    expect(await dueJobs()).not.toContain(job.id);
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'cancelled 1']);
    expect((await setting.store.events(job.id, undefined, 10)).at(-1)?.event).toMatchObject({ error: { code: 'cancelled' } });
  });

  it('ends it once: a worker cannot have it any more, and it cannot be cancelled again', async () => {
    const job = await submitted(setting.store, 'once');
    await cancel(job.id);

    expect(await setting.store.claimJob(job.id, { worker: 'late', host: 'h', pid: 1, startedAt: at }, 30_000)).toBeUndefined();
    await expect(cancel(job.id, { force: true })).rejects.toMatchObject({ code: 'job-finished', message: `The job ${job.id} has ended as cancelled.` });
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'cancelled 1']);
  });

  it('leaves the condition of an incomplete deletion, beside the others', async () => {
    const cluster = await readyCluster(setting.store, 'kept');
    const job = await deletionOf(setting.store, cluster);

    const answer = await cancel(job.id);

    expect(answer.cluster).toMatchObject({
      state: 'failed', activeJob: null, conditions: [{ type: 'DeletionIncomplete', status: 'True', reason: 'Cancelled', observedAt: at }],
    });
    const again = await deletionOf(setting.store, present(answer.cluster));
    expect((await cancel(again.id, { at: later })).cluster?.conditions).toEqual([expect.objectContaining({ type: 'DeletionIncomplete', observedAt: later })]);
  });

  it('can be done for every kind, and a preview\'s leaves all clusters alone', async () => {
    for (const kind of jobKinds.filter((other) => !makesCluster(other) && other !== 'preview')) {
      const cluster = await readyCluster(setting.store, `kind-${kind}`);
      const job = someJob(kind, cluster);
      await setting.store.changeCluster(cluster.name, { state: stateDuring[kind], job });
      expect(await cancel(job.id)).toMatchObject({ job: { kind, state: 'cancelled', phases: job.phases.map(({ name }) => ({ name, state: 'skipped' })) }, cluster: { state: stateDuring[kind] === null ? 'ready' : 'failed' } });
    }
    const cluster = await readyCluster(setting.store, 'looked-at');
    const looks = [someJob('preview', cluster), someJob('preview', { name: 'unmade', uid: newUid(), spec: someSpec('unmade') })];
    for (const preview of looks) {
      await setting.store.submitPreview(preview);
      expect(await cancel(preview.id)).toMatchObject({ job: { state: 'cancelled', phases: [{ state: 'skipped' }, { state: 'skipped' }] }, cluster: undefined });
      expect(await dueJobs()).not.toContain(preview.id);
    }
    expect(await setting.store.getCluster('looked-at')).toEqual(cluster);
  });
});

describe('cancelling a running job', () => {
  it('asks its worker, who hears of it at the next renewal and writes on', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'running')).id);
    expect(await setting.store.renew(claim.lease, 30_000)).toBeNull();

    const answer = await cancel(claim.job.id);

    expect(answer.job).toEqual({ ...claim.job, state: 'cancelling', cancellation: { requestedAt: at, force: false } });
    expect(answer.cluster).toMatchObject({ state: 'provisioning', activeJob: claim.job.id, lastJob: { id: claim.job.id, state: 'cancelling' } });
    expect(await setting.store.renew(claim.lease, 30_000)).toEqual({ requestedAt: at, force: false });
    await setting.store.write(claim.lease, { job: { ...claim.job, phase: 'infrastructure' }, events: [message('still at it')] });
    expect(await setting.store.getJob(claim.job.id)).toMatchObject({ state: 'cancelling', phase: 'infrastructure', cancellation: { requestedAt: at, force: false } });
    expect(await setting.store.getCluster('running')).toMatchObject({ lastJob: { state: 'cancelling' } });
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1', 'still at it']);
  });

  it('is told once, keeps the time of the first wish, and never takes force back', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'twice')).id);
    await cancel(claim.job.id);
    const version = (await setting.store.getCluster('twice'))?.version;

    expect((await cancel(claim.job.id, { at: later })).job.cancellation).toEqual({ requestedAt: at, force: false });
    expect((await cancel(claim.job.id, { at: later, force: true })).job.cancellation).toEqual({ requestedAt: at, force: true });
    expect((await cancel(claim.job.id, { at: later })).job.cancellation).toEqual({ requestedAt: at, force: true });

    expect(await setting.store.renew(claim.lease, 30_000)).toEqual({ requestedAt: at, force: true });
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1']);
    expect((await setting.store.getCluster('twice'))?.version).toBe(version);
  });

  it.each([
    { name: 'ends-cancelled', state: 'cancelled', left: 'failed' },
    { name: 'ends-forced', state: 'cancelled', left: 'needs-repair' },
    { name: 'ends-failed', state: 'failed', left: 'failed' },
    { name: 'ends-done', state: 'succeeded', left: 'ready' },
  ] as const)('lets it end as $state, and its cluster as $left', async ({ name, state, left }) => {
    const claim = await claimed(setting.store, (await submitted(setting.store, name)).id);
    await cancel(claim.job.id);

    await setting.store.finish(claim.lease, { job: state === 'cancelled' ? cancelledEnd(claim.job) : ended(claim.job, state), cluster: inState(claim.cluster, left) });

    expect(await setting.store.getJob(claim.job.id)).toMatchObject({ state, cancellation: { requestedAt: at } });
    expect(await setting.store.getCluster(name)).toMatchObject({ state: left, activeJob: null, lastJob: { state } });
    expect((await setting.store.listClusters({ state: left }, { limit: 200 })).items.map(({ cluster }) => cluster.name)).toContain(name);
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1', `${state} 1`]);
    expect(await codeOf(cancel(claim.job.id))).toBe('job-finished');
  });

  it('stays asked for when another worker takes it over', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'inherited')).id);
    await cancel(claim.job.id);
    await setting.store.release(claim.lease);

    const next = present(await setting.store.takeOver(claim.job.id, { worker: 'next', host: 'h', pid: 2, startedAt: at }, 30_000));

    expect(next.job).toMatchObject({ state: 'cancelling', attempt: 2, cancellation: { requestedAt: at, force: false } });
    expect(await setting.store.renew(next.lease, 30_000)).toEqual({ requestedAt: at, force: false });
    await setting.store.finish(next.lease, { job: cancelledEnd(next.job), cluster: inState(next.cluster, 'failed') });
    expect(await texts(setting.store, claim.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1', 'cancelling 2', 'cancelled 2']);
  });

  it('concerns a preview alone, and leaves its cluster\'s own job', async () => {
    const job = await submitted(setting.store, 'previewed');
    const preview = someJob('preview', { ...present(await setting.store.getCluster('previewed')) });
    await setting.store.submitPreview(preview);
    const look = await claimed(setting.store, preview.id);

    expect(await cancel(preview.id)).toMatchObject({ job: { state: 'cancelling' }, cluster: undefined });
    await setting.store.finish(look.lease, { job: cancelledEnd(look.job) });

    expect(await texts(setting.store, preview.id)).toEqual(['queued 1', 'running 1', 'cancelling 1', 'cancelled 1']);
    expect(await setting.store.getCluster('previewed')).toMatchObject({ version: 1, activeJob: job.id, state: 'provisioning' });
  });

  it('is refused for a job that never was or has ended', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'over')).id);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
    await expect(cancel(claim.job.id)).rejects.toMatchObject({ code: 'job-finished', message: `The job ${claim.job.id} has ended as succeeded.` });
    expect(await codeOf(cancel('01J00000000000000000000000'))).toBe('job-not-found');
    expect((await setting.store.getJob(claim.job.id))?.cancellation).toBeNull();
  });
});
