import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { cancelledOf, clusterOf, jobOf, previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const create = async (name: string): Promise<string> => (await submissionOf(await api.send('POST', '/clusters', request(name)))).job.id;
const cancel = (id: string, body?: unknown): Promise<Response> => api.send('POST', `/jobs/${id}/cancel`, body);

/** The states that a job's events tell of, in order. */
async function states(id: string): Promise<string[]> {
  return (await api.store.events(id, undefined, 100)).flatMap(({ event }) => (event.type === 'state' ? [event.state] : []));
}

describe('cancelling a queued job', () => {
  it('answers 202 with the ended job, its cluster and what remains', async () => {
    const id = await create('unbegun');

    const response = await cancel(id);

    expect(response.headers.get('location')).toBe(`/jobs/${id}`);
    expect(response.headers.get('retry-after')).toBe('2');
    const { job, cluster, remains } = await cancelledOf(response);
    expect(job).toMatchObject({ id, state: 'cancelled', error: { code: 'cancelled', retryable: true }, cancellation: { force: false }, links: { retry: `/jobs/${id}/retry` } });
    expect(job.links.cancel).toBeUndefined();
    expect(job.phases.map(({ state }) => state)).toEqual(job.phases.map(() => 'skipped'));
    expect(cluster).toMatchObject({ state: 'failed', lastJob: { id, state: 'cancelled' }, links: { repair: '/clusters/unbegun/repair' } });
    expect(remains).toMatchObject({ clusterState: 'failed', detail: 'The job had not begun. Nothing of the cluster exists but its record.' });
    expect(await jobOf(await api.send('GET', `/jobs/${id}`))).toEqual(job);
    expect(await states(id)).toEqual(['queued', 'cancelled']);
  });

  it('leaves a condition where the job was a deletion', async () => {
    await api.finish(await create('still-there'));
    const { job } = await submissionOf(await api.send('DELETE', '/clusters/still-there'));
    const { cluster, remains } = await cancelledOf(await cancel(job.id));
    expect(cluster).toMatchObject({ state: 'failed', conditions: [{ type: 'DeletionIncomplete', status: 'True', reason: 'Cancelled' }] });
    expect(remains.next.map(({ call }) => call)).toEqual([`POST /jobs/${job.id}/retry`, 'DELETE /clusters/still-there', 'POST /clusters/still-there/repair']);
  });

  it('concerns no cluster where it was a preview', async () => {
    const preview = await previewOf(await api.send('POST', '/clusters?dryRun=true', request('dreamt')));
    const answer = await cancelledOf(await cancel(preview.id));
    expect(answer).toMatchObject({ job: { state: 'cancelled' }, remains: { clusterState: null } });
    expect(answer).not.toHaveProperty('cluster');
  });
});

describe('cancelling a running job', () => {
  it('answers 202 each time, and says how far it has come', async () => {
    const id = await create('running');
    const { job: running, lease } = await api.claim(id);
    await api.store.write(lease, { job: { ...running, phase: 'infrastructure', progress: { percent: 37, resources: { done: 41, total: 112 } } } });

    const first = await cancelledOf(await cancel(id));

    expect(first.job).toMatchObject({ state: 'cancelling', cancellation: { force: false }, links: { cancel: `/jobs/${id}/cancel` } });
    expect(first.cluster).toMatchObject({ state: 'provisioning', lastJob: { state: 'cancelling' } });
    expect(first.remains.clusterState).toBe('failed');
    expect(first.remains.detail).toMatch(/^41 of 112 resources have been dealt with \(phase "Provision the infrastructure"\)\./);
    expect(first.remains.next.map(({ call }) => call)).toContain(`POST /jobs/${id}/cancel {"force": true}`);
    const again = await cancelledOf(await cancel(id, {}));
    expect(again.job.cancellation).toEqual(first.job.cancellation);
    expect(await states(id)).toEqual(['queued', 'running', 'cancelling']);
  });

  it('can be forced later; that stays, and the cluster is in doubt then', async () => {
    const id = await create('forced');
    const claim = await api.claim(id);
    const { job } = await cancelledOf(await cancel(id));

    const forced = await cancelledOf(await cancel(id, { force: true }));

    expect(forced).toMatchObject({ job: { cancellation: { requestedAt: job.cancellation?.requestedAt, force: true } }, remains: { clusterState: 'needs-repair' } });
    expect((await cancelledOf(await cancel(id, { force: false }))).job.cancellation?.force).toBe(true);
    expect(await api.store.renew(claim.lease, 30_000)).toEqual(forced.job.cancellation);
    await api.end(claim, { state: 'cancelled', change: { state: 'needs-repair' } });
    expect(await clusterOf(await api.send('GET', '/clusters/forced'))).toMatchObject({ state: 'needs-repair', lastJob: { state: 'cancelled' } });
    expect(await states(id)).toEqual(['queued', 'running', 'cancelling', 'cancelled']);
  });

  it('shows it to who polls the job, by a new ETag', async () => {
    const id = await create('polled');
    await api.claim(id);
    const tag = (await api.send('GET', `/jobs/${id}`)).headers.get('etag') ?? '';
    await cancel(id);
    const look = await api.send('GET', `/jobs/${id}`, undefined, { 'if-none-match': tag });
    expect(look.status).toBe(200);
    expect(await jobOf(look)).toMatchObject({ state: 'cancelling' });
  });

  it('is counted by state', async () => {
    const metrics = await (await api.send('GET', '/metrics')).text();
    for (const state of ['cancelling', 'cancelled']) expect(Number(new RegExp(`clusterwright_jobs\\{state="${state}"\\} (\\d+)`).exec(metrics)?.[1])).toBeGreaterThan(0);
  });
});

describe('a cancellation that cannot be', () => {
  it.each(['succeeded', 'failed', 'cancelled'] as const)('of a job that has %s is 409', async (state) => {
    const id = await create(`over-${state}`);
    const claim = await api.claim(id);
    if (state === 'cancelled') await cancel(id);
    await api.end(claim, { state });
    for (const body of [undefined, { force: true }]) {
      expect(await problemOf(await cancel(id, body))).toMatchObject({ status: 409, code: 'job-finished', detail: `The job ${id} has ended as ${state}.` });
    }
  });

  it.each(['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'no-id'])('of the job %s is 404', async (id) => {
    expect(await problemOf(await cancel(id))).toMatchObject({ status: 404, code: 'job-not-found' });
  });

  it.each([
    [{ force: 'yes' }, ['/force']], [{ force: null }, ['/force']], [{ force: true, now: 1, x: 2 }, ['/now', '/x']], [[], ['']], ['force', ['']], [null, ['']],
  ])('for the body %j is 422 with every pointer, and cancels nothing', async (body, pointers) => {
    const id = await create(`bad-${Math.random().toString(36).slice(2, 10)}`);
    const problem = await problemOf(await cancel(id, body));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-body' });
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect((await api.store.getJob(id))?.state).toBe('queued');
  });

  it('for a body of another type is 415, for a broken one 400, for a huge one 413', async () => {
    const id = await create('bad-types');
    const send = (body: string, type: string) => fetch(`${api.url}/jobs/${id}/cancel`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await problemOf(await send('force=true', 'application/x-www-form-urlencoded'))).code).toBe('unsupported-media-type');
    expect((await problemOf(await send('{"force"', 'application/json'))).code).toBe('malformed-json');
    expect((await problemOf(await send(JSON.stringify({ force: 'x'.repeat(300_000) }), 'application/json'))).code).toBe('body-too-large');
    expect((await api.store.getJob(id))?.state).toBe('queued');
    expect((await fetch(`${api.url}/jobs/${id}/cancel`, { method: 'POST', headers: { 'content-type': 'application/json' } })).status).toBe(202);
  });
});
