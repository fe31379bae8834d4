import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobViewSchema } from '../../../api/views/job.js';
import { request, startApi, type RunningApi } from './harness.js';
import { jobOf, pageOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const create = async (name: string) => (await submissionOf(await api.send('POST', '/clusters', request(name)))).job.id;

describe('polling a job', () => {
  it('is 304 with the last ETag until the job changes', async () => {
    const id = await create('polled');
    const look = (tag?: string) => api.send('GET', `/jobs/${id}`, undefined, tag === undefined ? {} : { 'if-none-match': tag });

    const first = await look();
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[A-Za-z0-9_-]+"$/);
    expect(first.headers.get('retry-after')).toBe('2');

    const again = await look(tag);
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('etag')).toBe(tag);
    for (const matching of [`W/${tag}`, `"x", ${tag}`, '*']) expect((await look(matching)).status).toBe(304);
    for (const other of ['"x"', tag.slice(0, -1), '']) expect((await look(other)).status).toBe(200);

    await api.claim(id);
    const changed = await look(tag);
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(tag);
    expect(await jobOf(changed)).toMatchObject({ state: 'running' });
  });

  it('has no Retry-After when the job is finished', async () => {
    const id = await create('finished');
    await api.finish(id);
    const response = await api.send('GET', `/jobs/${id}`);
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await jobOf(response)).toMatchObject({ state: 'succeeded', links: { self: `/jobs/${id}`, events: `/jobs/${id}/events`, cluster: '/clusters/finished' } });
  });

  it('shows the error of a failed job', async () => {
    const id = await create('failing');
    const { job, cluster, lease } = await api.claim(id);
    const error = { code: 'resource-failed', title: 'A resource could not be provisioned', detail: 'VpcLimitExceeded', resource: 'vpc', hint: 'Raise the limit.', retryable: true } as const;
    await api.store.finish(lease, { job: { ...job, state: 'failed', error, endedAt: new Date().toISOString() }, ...(cluster ? { cluster: { ...cluster, state: 'failed' } } : {}) });
    expect((await jobOf(await api.send('GET', `/jobs/${id}`))).error).toEqual(error);
  });

  it('hides the spec, the uid and the intent', async () => {
    const shown: unknown = await (await api.send('GET', `/jobs/${await create('hiding')}`)).json();
    for (const field of ['spec', 'uid', 'intent', 'requestId']) expect(shown).not.toHaveProperty(field);
  });
});

describe('lists of jobs', () => {
  it('have the newest first and all of them once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push(await create(`listed-${index}`));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: { id: string }[]; nextCursor: string | null } = await pageOf(await api.send('GET', `/jobs?limit=2${cursor && `&cursor=${cursor}`}`), jobViewSchema);
      seen.push(...page.items.map((job) => job.id));
      cursor = page.nextCursor;
    }
    expect(seen.slice(0, 5)).toEqual([...ids].reverse());
    expect(new Set(seen).size).toBe(seen.length);
  });
});
