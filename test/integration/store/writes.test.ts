import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEventBody } from '../../../model/event.js';
import type { JobRecord } from '../../../model/job.js';
import { ended, inState } from '../../support/records.js';
import { claimed, message, storeSetting, submitted, texts, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

describe('a worker\'s writes', () => {
  it('store job, cluster and events together, and the store raises the version', async () => {
    const job = await submitted(setting.store, 'written');
    const claim = await claimed(setting.store, job.id);
    const running: JobRecord = { ...claim.job, phase: 'infrastructure', progress: { percent: 37, resources: { done: 41, total: 112 } } };
    const connected = { ...inState(claim.cluster, 'provisioning'), connection: { endpoint: 'https://api.written.clusterwright.internal:6443', address: 'lb.example', certificateAuthority: 'PEM' } };

    await setting.store.write(claim.lease, { job: running, cluster: { ...connected, version: 99 }, events: [message('one'), message('two')] });

    expect(await setting.store.getJob(job.id)).toEqual(running);
    expect(await setting.store.getCluster('written')).toMatchObject({ connection: connected.connection, version: 3, activeJob: job.id });
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'one', 'two']);
  });

  it('cannot end a job, move it back or move the cluster wrongly', async () => {
    const job = await submitted(setting.store, 'moves');
    const claim = await claimed(setting.store, job.id);

    await expect(setting.store.write(claim.lease, { job: ended(claim.job) })).rejects.toThrow('ends by finish()');
    await expect(setting.store.write(claim.lease, { job: { ...claim.job, state: 'queued' } })).rejects.toThrow('cannot move from running to queued');
    await expect(setting.store.write(claim.lease, { cluster: inState(claim.cluster, 'deleting'), events: [message('never')] })).rejects.toThrow('cannot move from provisioning to deleting');
    await expect(setting.store.finish(claim.lease, { job: claim.job })).rejects.toThrow('cannot end as running');
    await expect(setting.store.finish(claim.lease, { job: ended(claim.job) })).rejects.toThrow('without a settled state');
    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1']);
  });

  it('are refused when nobody could read them again', async () => {
    const job = await submitted(setting.store, 'unreadable');
    const claim = await claimed(setting.store, job.id);
    const progress = { percent: 12.5, resources: { done: 1, total: 8 } };
    await expect(setting.store.write(claim.lease, { job: { ...claim.job, progress } })).rejects.toThrow('A job to be stored is not valid: progress.percent.');
    expect(await setting.store.getJob(job.id)).toEqual(claim.job);
  });

  it('tell of a state once, whatever events the worker gives', async () => {
    const job = await submitted(setting.store, 'told');
    const claim = await claimed(setting.store, job.id);
    const event: JobEventBody = { type: 'state', state: 'succeeded', attempt: 1, error: null };

    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready'), events: [message('last'), event] });

    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'last', 'succeeded 1']);
    expect(await setting.store.getCluster('told')).toMatchObject({ state: 'ready', activeJob: null, lastJob: { id: job.id, state: 'succeeded' } });
    expect(await setting.store.leases()).not.toContainEqual(expect.objectContaining({ jobId: job.id }));
  });

  it('happen once when they are repeated because the answer got lost', async () => {
    const job = await submitted(setting.store, 'repeated');
    const claim = await claimed(setting.store, job.id);
    const write = () => setting.store.write(claim.lease, { id: 'write-1', events: [message('once')] });
    const finish = () => setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready'), events: [message('end')] });

    await write();
    await write();
    await finish();
    await finish();

    expect(await texts(setting.store, job.id)).toEqual(['queued 1', 'running 1', 'once', 'end', 'succeeded 1']);
  });
});
