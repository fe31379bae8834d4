import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { clusterOf, jobOf, previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const create = async (name: string): Promise<string> => (await submissionOf(await api.send('POST', '/clusters', request(name)))).job.id;
const retry = (id: string): Promise<Response> => api.send('POST', `/jobs/${id}/retry`);
const repair = (name: string, headers: Record<string, string> = {}): Promise<Response> => api.send('POST', `/clusters/${name}/repair`, undefined, headers);

/** The id of a creation that has failed. */
async function failed(name: string): Promise<string> {
  const id = await create(name);
  await api.finish(id, { state: 'failed' });
  return id;
}

describe('trying a job again', () => {
  it('answers 202 with a new job of the same kind, spec and intent', async () => {
    const id = await failed('again');
    const first = await api.store.getJob(id);

    const response = await retry(id);

    const { cluster, job } = await submissionOf(response);
    expect(response.headers.get('location')).toBe(`/jobs/${job.id}`);
    expect(job).toMatchObject({ kind: 'create', state: 'queued', retryOf: id, attempt: 1, error: null });
    expect(cluster).toMatchObject({ state: 'provisioning', lastJob: { id: job.id, state: 'queued' } });
    expect(await api.store.getJob(job.id)).toMatchObject({ uid: first?.uid, spec: first?.spec, intent: { ...first?.intent, retryOf: id } });
    expect((await api.claim(job.id)).job.state).toBe('running');
    expect(await jobOf(await api.send('GET', `/jobs/${id}`))).toMatchObject({ state: 'failed' });
  });

  it('is possible after a cancellation, and of each kind', async () => {
    const id = await create('kinds');
    await api.send('POST', `/jobs/${id}/cancel`);
    const creation = (await submissionOf(await retry(id))).job;
    await api.finish(creation.id);

    const update = (await submissionOf(await api.send('PATCH', '/clusters/kinds', { owner: 'new' }))).job;
    await api.finish(update.id, { state: 'failed' });
    const updateAgain = await submissionOf(await retry(update.id));
    expect(updateAgain).toMatchObject({ cluster: { state: 'updating', spec: { owner: 'new' } }, job: { kind: 'update', retryOf: update.id } });
    await api.finish(updateAgain.job.id, { state: 'failed' });

    const repairing = (await submissionOf(await repair('kinds'))).job;
    await api.finish(repairing.id, { state: 'failed' });
    const repairAgain = await submissionOf(await retry(repairing.id));
    expect(repairAgain).toMatchObject({ cluster: { state: 'updating' }, job: { kind: 'repair' } });
    await api.finish(repairAgain.job.id);

    const deletion = (await submissionOf(await api.send('DELETE', '/clusters/kinds?retain=none'))).job;
    await api.finish(deletion.id, { state: 'failed' });
    const deletionAgain = await submissionOf(await retry(deletion.id));
    expect(deletionAgain).toMatchObject({ cluster: { state: 'deleting' }, job: { kind: 'delete' } });
    expect((await api.store.getJob(deletionAgain.job.id))?.intent).toEqual({ change: 'delete', retain: 'none', retryOf: deletion.id });
  });

  it('is for the last try only, of whatever number', async () => {
    const first = await failed('tried-often');
    const second = (await submissionOf(await retry(first))).job.id;
    expect(await problemOf(await retry(first))).toMatchObject({ status: 409, code: 'operation-in-progress', job: `/jobs/${second}` });
    await api.finish(second, { state: 'failed' });
    expect(await problemOf(await retry(first))).toMatchObject({ status: 409, code: 'job-not-retryable' });
    expect((await submissionOf(await retry(second))).job.retryOf).toBe(second);
  });

  it('goes to one of many that ask for it', async () => {
    const id = await failed('by-many');
    const answers = await Promise.all(Array.from({ length: 12 }, () => retry(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 11 }, () => 409)]);
  });

  it('is refused for a job that succeeded, waits or runs', async () => {
    const id = await create('not-failed');
    expect(await problemOf(await retry(id))).toMatchObject({ status: 409, code: 'job-not-retryable', detail: expect.stringContaining('is queued') });
    const claim = await api.claim(id);
    expect((await problemOf(await retry(id))).detail).toContain('is running');
    await api.end(claim);
    expect((await problemOf(await retry(id))).detail).toContain('is succeeded');
  });

  it('is refused when the cluster is gone, also when its name is taken again', async () => {
    const id = await failed('reborn');
    await api.finish((await submissionOf(await api.send('DELETE', '/clusters/reborn'))).job.id, { change: 'gone' });
    expect(await problemOf(await retry(id))).toMatchObject({ status: 409, code: 'job-not-retryable', detail: expect.stringContaining('is gone') });
    await failed('reborn');
    expect(await problemOf(await retry(id))).toMatchObject({ status: 409, code: 'job-not-retryable' });
  });

  it('of a preview is always possible, and touches nothing', async () => {
    await create('previewed');
    const preview = await previewOf(await api.send('PATCH', '/clusters/previewed?dryRun=true', { owner: 'x' }));
    await api.finish(preview.id, { state: 'failed' });
    for (const _ of [1, 2]) {
      const again = await previewOf(await retry(preview.id));
      expect(again).toMatchObject({ kind: 'preview', retryOf: preview.id, plan: null });
      expect(await api.store.getJob(again.id)).toMatchObject({ spec: { owner: 'x' }, intent: { change: 'update' } });
    }
    expect(await clusterOf(await api.send('GET', '/clusters/previewed'))).toMatchObject({ version: 1 });
  });

  it.each(['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'no-id'])('of the job %s is 404', async (id) => {
    expect(await problemOf(await retry(id))).toMatchObject({ status: 404, code: 'job-not-found' });
  });
});

describe('repairing a cluster', () => {
  it.each(['ready', 'failed', 'needs-repair'] as const)('is accepted while it is %s', async (state) => {
    const name = `repair-${state}`;
    await api.finish(await create(name), { state: state === 'ready' ? 'succeeded' : 'failed', change: { state } });

    const response = await repair(name);

    const { cluster, job } = await submissionOf(response);
    expect(response.headers.get('location')).toBe(`/jobs/${job.id}`);
    expect(job).toMatchObject({ kind: 'repair', state: 'queued', retryOf: null });
    expect(job.phases.map(({ name: phase }) => phase)).toEqual(['preflight', 'refresh', 'infrastructure', 'control-plane', 'nodes', 'platform', 'verify']);
    expect(cluster).toMatchObject({ state: 'updating', lastJob: { id: job.id, kind: 'repair' } });
    expect(cluster.links.repair).toBeUndefined();
    expect(await problemOf(await repair(name))).toMatchObject({ status: 409, code: 'operation-in-progress', job: `/jobs/${job.id}` });
    await api.finish(job.id);
    expect(await clusterOf(await api.send('GET', `/clusters/${name}`))).toMatchObject({ state: 'ready', links: { repair: `/clusters/${name}/repair` } });
  });

  it('honours If-Match', async () => {
    await failed('matched');
    expect(await problemOf(await repair('matched', { 'if-match': '"1"' }))).toMatchObject({ status: 412, code: 'precondition-failed' });
    const tag = (await api.send('GET', '/clusters/matched')).headers.get('etag') ?? '';
    expect((await repair('matched', { 'if-match': tag })).status).toBe(202);
  });

  it.each(['nobody', 'Not_A_Name'])('of %s is 404', async (name) => {
    expect(await problemOf(await repair(name))).toMatchObject({ status: 404, code: 'cluster-not-found' });
  });
});

describe('correcting a failed cluster\'s spec', () => {
  it('supersedes it: the failed job cannot be tried again', async () => {
    const id = await failed('corrected');
    const { cluster, job } = await submissionOf(await api.send('PATCH', '/clusters/corrected', { owner: 'corrected' }));
    expect(cluster).toMatchObject({ state: 'updating', spec: { owner: 'corrected' } });
    await api.finish(job.id, { state: 'failed' });
    expect((await problemOf(await retry(id))).code).toBe('job-not-retryable');
  });
});
