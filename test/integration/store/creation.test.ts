import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newJobId, newUid } from '../../../model/ids.js';
import type { Idempotency } from '../../../store/contract.js';
import { someCluster, someJob, someSpec } from '../../support/records.js';
import { claimed, codeOf, storeSetting, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

const keyed = (key: string, fingerprint: string, jobId: string): Idempotency => ({
  key, fingerprint, answer: { status: 202, location: `/jobs/${jobId}` }, ttlSeconds: 86_400,
});

describe('creating a cluster', () => {
  it('stores cluster and job, which are read back as they were given', async () => {
    const { cluster, job } = someCluster('plain');

    const submission = await setting.store.createCluster(cluster, job);

    expect(submission).toEqual({ replayed: false, cluster, job, answer: undefined });
    expect(await setting.store.getCluster('plain')).toEqual(cluster);
    expect(await setting.store.getJob(job.id)).toEqual(job);
    expect(await setting.store.events(job.id, undefined, 10)).toMatchObject([{ event: { type: 'state', state: 'queued', attempt: 1 } }]);
  });

  it('knows nothing of what was never created', async () => {
    expect(await setting.store.getCluster('nothing')).toBeUndefined();
    expect(await setting.store.getObservation('nothing')).toBeUndefined();
    expect(await setting.store.getJob(newJobId())).toBeUndefined();
  });

  it('refuses a name that is taken, and leaves no trace of the second', async () => {
    const first = someCluster('taken');
    const second = someCluster('taken');
    await setting.store.createCluster(first.cluster, first.job);

    expect(await codeOf(setting.store.createCluster(second.cluster, second.job))).toBe('cluster-exists');

    expect(await setting.store.getJob(second.job.id)).toBeUndefined();
    expect(await setting.store.getCluster('taken')).toEqual(first.cluster);
    expect((await setting.store.dueWakeUps(1_000)).map(({ jobId }) => jobId)).not.toContain(second.job.id);
  });

  it('lets one of many win a name', async () => {
    const stores = [setting.store, setting.another(), setting.another()];
    const codes = await Promise.all(Array.from({ length: 30 }, (_, index) => {
      const { cluster, job } = someCluster('popular');
      return codeOf((stores[index % 3] ?? setting.store).createCluster(cluster, job));
    }));

    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'cluster-exists')).toHaveLength(29);
    expect((await setting.store.listJobs({ cluster: 'popular' }, { limit: 50 })).items).toHaveLength(1);
  });
});

describe('an idempotency key', () => {
  it('makes 50 equal requests at once one cluster, one job and 50 equal answers', async () => {
    const stores = Array.from({ length: 5 }, () => setting.another());
    const before = (await setting.store.listJobs({}, { limit: 200 })).items.length;

    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => {
      const { cluster, job } = someCluster('fifty');
      return (stores[index % 5] ?? setting.store).createCluster(cluster, job, keyed('key-50', 'same', job.id));
    }));

    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const bodies = new Set(answers.map(({ cluster, job, answer }) => JSON.stringify([cluster, job, answer])));
    expect(bodies.size).toBe(1);
    expect((await setting.store.listJobs({}, { limit: 200 })).items).toHaveLength(before + 1);
    expect((await setting.store.dueWakeUps(1_000)).filter(({ jobId }) => jobId === answers[0]?.job.id)).toHaveLength(1);
  });

  it('gives the first answer again, also when the job has moved on', async () => {
    const { cluster, job } = someCluster('moved');
    const first = await setting.store.createCluster(cluster, job, keyed('key-moved', 'same', job.id));
    await claimed(setting.store, job.id);

    const other = someCluster('moved');
    const again = await setting.store.createCluster(other.cluster, other.job, keyed('key-moved', 'same', other.job.id));

    expect(again).toEqual({ ...first, replayed: true });
  });

  it('refuses another request under the same key, before it looks at names', async () => {
    const { cluster, job } = someCluster('reused');
    await setting.store.createCluster(cluster, job, keyed('key-reused', 'one', job.id));
    const other = someCluster('reused-other');

    expect(await codeOf(setting.store.createCluster(other.cluster, other.job, keyed('key-reused', 'two', other.job.id)))).toBe('idempotency-key-reused');
    expect(await codeOf(setting.store.createCluster(cluster, job, keyed('key-reused', 'two', job.id)))).toBe('idempotency-key-reused');
    expect(await setting.store.getCluster('reused-other')).toBeUndefined();
  });

  it('is not used up by a refused request', async () => {
    const first = someCluster('occupied');
    await setting.store.createCluster(first.cluster, first.job);
    const refused = someCluster('occupied');
    expect(await codeOf(setting.store.createCluster(refused.cluster, refused.job, keyed('key-free', 'one', refused.job.id)))).toBe('cluster-exists');

    const other = someCluster('not-occupied');
    expect(await setting.store.createCluster(other.cluster, other.job, keyed('key-free', 'two', other.job.id))).toMatchObject({ replayed: false });
  });

  it('is kept for a day', async () => {
    const { cluster, job } = someCluster('day');
    await setting.store.createCluster(cluster, job, keyed('key-day', 'one', job.id));

    const seconds = await setting.redis.ttl('{clusterwright}:idempotency:key-day');
    expect(seconds).toBeGreaterThan(86_000);
    expect(seconds).toBeLessThanOrEqual(86_400);
  });

  it('holds for previews too', async () => {
    const preview = () => someJob('preview', { name: 'seen-before', uid: newUid(), spec: someSpec('seen-before') });
    const first = preview();
    const submission = await setting.store.submitPreview(first, keyed('key-preview', 'one', first.id));
    const second = preview();

    expect(await setting.store.submitPreview(second, keyed('key-preview', 'one', second.id))).toEqual({ ...submission, replayed: true });
    expect(await setting.store.getCluster('seen-before')).toBeUndefined();
  });
});

describe('a preview', () => {
  it('takes no name and no slot', async () => {
    const { cluster, job } = someCluster('previewed');
    await setting.store.submitPreview(someJob('preview', cluster));
    await setting.store.submitPreview(someJob('preview', cluster));

    await setting.store.createCluster(cluster, job);

    expect(await setting.store.getCluster('previewed')).toMatchObject({ activeJob: job.id, lastJob: { id: job.id } });
    expect((await setting.store.listJobs({ cluster: 'previewed' }, { limit: 10 })).items).toHaveLength(3);
  });
});
