import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { cancelledOf, clusterOf, jobOf, previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => (await submissionOf(await api.send('POST', '/clusters', request(name, more)))).job.id;
const remove = (name: string, query = ''): Promise<Response> => api.send('DELETE', `/clusters/${name}${query}`);
const seen = async (id: string) => jobOf(await api.send('GET', `/jobs/${id}`));
const cluster = async (name: string) => clusterOf(await api.send('GET', `/clusters/${name}`));

describe('a deletion with cancelRunning', () => {
  it('cancels a queued job and begins at once', async () => {
    const id = await create('queued');

    const { cluster: shown, job } = await submissionOf(await remove('queued', '?cancelRunning=true&retain=none'));

    expect(job).toMatchObject({ kind: 'delete', state: 'queued' });
    expect(shown).toMatchObject({ state: 'deleting', lastJob: { id: job.id } });
    expect(await seen(id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
    expect((await api.store.getJob(job.id))?.intent.retain).toBe('none');
    await api.finish(job.id, { change: 'gone' });
    expect((await api.send('GET', '/clusters/queued')).status).toBe(404);
  });

  it('has a running job cancelled, and begins with its end', async () => {
    const id = await create('running');
    const claim = await api.claim(id);

    const { cluster: shown, job } = await submissionOf(await remove('running', '?cancelRunning=true'));

    expect(job).toMatchObject({ kind: 'delete', state: 'queued' });
    expect(shown).toMatchObject({ state: 'provisioning', lastJob: { id, state: 'cancelling' } });
    expect(await seen(id)).toMatchObject({ state: 'cancelling', cancellation: { force: false } });
    expect((await cancelledOf(await api.send('POST', `/jobs/${id}/cancel`))).remains).toMatchObject({ clusterState: 'deleting', next: [{ call: `GET /jobs/${job.id}` }] });
    await api.end(claim, { state: 'cancelled' });
    expect(await cluster('running')).toMatchObject({ state: 'deleting', lastJob: { id: job.id, kind: 'delete', state: 'queued' } });
    await api.finish(job.id, { change: 'gone' });
    expect(await seen(job.id)).toMatchObject({ state: 'succeeded' });
  });

  it('is an ordinary deletion where nothing is unfinished', async () => {
    await api.finish(await create('idle'));
    expect(await submissionOf(await remove('idle', '?cancelRunning=true'))).toMatchObject({ cluster: { state: 'deleting' }, job: { kind: 'delete' } });
  });

  it('is 409 while a deletion waits, is queued or runs, and names it', async () => {
    const id = await create('once');
    const claim = await api.claim(id);
    const { job } = await submissionOf(await remove('once', '?cancelRunning=true'));
    const inTheWay = { status: 409, code: 'operation-in-progress', job: `/jobs/${job.id}` };
    expect(await problemOf(await remove('once', '?cancelRunning=true'))).toMatchObject(inTheWay);
    expect(await problemOf(await remove('once'))).toMatchObject({ ...inTheWay, job: `/jobs/${id}` });
    await api.end(claim, { state: 'cancelled' });
    expect(await problemOf(await remove('once', '?cancelRunning=true'))).toMatchObject(inTheWay);
    await api.claim(job.id);
    expect(await problemOf(await remove('once', '?cancelRunning=true'))).toMatchObject(inTheWay);
    expect((await seen(job.id)).cancellation).toBeNull();
  });

  it('goes to one of many, whatever the worker writes meanwhile', async () => {
    const claim = await api.claim(await create('crowded'));
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => remove('crowded', '?cancelRunning=true'))),
      ...Array.from({ length: 3 }, () => api.store.write(claim.lease, { cluster: { ...(claim.cluster ?? expect.unreachable()), state: 'provisioning' } })),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('that waits can be cancelled itself', async () => {
    const claim = await api.claim(await create('regretted'));
    const { job } = await submissionOf(await remove('regretted', '?cancelRunning=true'));
    expect(await cancelledOf(await api.send('POST', `/jobs/${job.id}/cancel`))).toMatchObject({ job: { state: 'cancelled' }, cluster: { state: 'provisioning' }, remains: { clusterState: 'failed' } });
    await api.end(claim, { state: 'cancelled' });
    expect(await cluster('regretted')).toMatchObject({ state: 'failed', lastJob: { kind: 'create', state: 'cancelled' } });
    expect(await problemOf(await api.send('POST', `/jobs/${job.id}/retry`))).toMatchObject({ code: 'job-not-retryable' });
  });

  it('cancels nothing as a dry run', async () => {
    const claim = await api.claim(await create('dry'));
    const preview = await previewOf(await remove('dry', '?cancelRunning=true&dryRun=true'));
    expect(await api.store.getJob(preview.id)).toMatchObject({ kind: 'preview', intent: { change: 'delete' } });
    expect(await seen(claim.job.id)).toMatchObject({ state: 'running', cancellation: null });
    expect(await api.store.renew(claim.lease, 30_000)).toBeNull();
    expect(await cluster('dry')).toMatchObject({ lastJob: { id: claim.job.id, state: 'running' } });
  });

  it('honours If-Match, and cancels nothing when that fails', async () => {
    const claim = await api.claim(await create('stale'));
    expect(await problemOf(await api.send('DELETE', '/clusters/stale?cancelRunning=true', undefined, { 'if-match': '"1"' }))).toMatchObject({ status: 412 });
    expect(await seen(claim.job.id)).toMatchObject({ state: 'running' });
    expect((await api.send('DELETE', '/clusters/stale?cancelRunning=true', undefined, { 'if-match': '"2"' })).status).toBe(202);
  });
});

describe('a protected cluster', () => {
  it('refuses every deletion until the protection is patched away', async () => {
    const claim = await api.claim(await create('safe', { protect: true }));
    const refused = { status: 409, code: 'cluster-protected', hint: 'Send PATCH {"protect": false} first.' };
    for (const query of ['', '?dryRun=true', '?cancelRunning=true', '?cancelRunning=true&dryRun=true']) expect(await problemOf(await remove('safe', query))).toMatchObject(refused);
    expect(await seen(claim.job.id)).toMatchObject({ state: 'running', cancellation: null });
    await api.end(claim);
    expect(await problemOf(await remove('safe'))).toMatchObject(refused);
    expect(await cluster('safe')).toMatchObject({ state: 'ready', spec: { protect: true } });

    const { cluster: patched, job } = await submissionOf(await api.send('PATCH', '/clusters/safe', { protect: false }));
    expect(patched.spec.protect).toBe(false);
    await api.finish(job.id);
    await submissionOf(await remove('safe'));
  });

  it('is one that asks for it: by default there is no protection, and a patch brings it', async () => {
    await api.finish(await create('open'));
    expect((await cluster('open')).spec.protect).toBe(false);
    await api.finish((await submissionOf(await api.send('PATCH', '/clusters/open', { protect: true }))).job.id);
    expect((await problemOf(await remove('open'))).code).toBe('cluster-protected');
    await api.finish((await submissionOf(await api.send('PATCH', '/clusters/open', { protect: null }))).job.id);
    expect((await remove('open')).status).toBe(202);
  });

  it('takes only true or false', async () => {
    const problem = await problemOf(await api.send('POST', '/clusters', request('wrong', { protect: 'yes' })));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-spec', errors: [{ pointer: '/protect' }] });
  });
});
