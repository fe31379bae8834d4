import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connection, request, startApi, type RunningApi } from './harness.js';
import { previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

async function made(name: string, connected = true): Promise<void> {
  const { job } = await submissionOf(await api.send('POST', '/clusters', request(name)));
  await api.finish(job.id, connected ? { change: { connection } } : {});
}

describe('hibernating a cluster', () => {
  it('leaves it taking nothing but to be woken or deleted, which the hint says', async () => {
    await made('drowsy');
    const { cluster, job } = await submissionOf(await api.send('POST', '/clusters/drowsy/hibernate'));
    expect(job).toMatchObject({ kind: 'hibernate', phases: [{ name: 'preflight' }, { name: 'backup' }, { name: 'put-to-sleep' }] });
    expect(cluster.state).toBe('updating');
    await api.finish(job.id, { change: { state: 'hibernated' } });
    expect(await (await api.send('GET', '/clusters/drowsy')).json()).toMatchObject({ state: 'hibernated' });

    const refused: [method: string, path: string, body?: unknown][] = [
      ['PATCH', '', { labels: { a: 'b' } }], ['PATCH', '?dryRun=true', { labels: { a: 'b' } }], ['POST', '/repair'], ['POST', '/backups', {}], ['POST', '/drift'], ['POST', '/rotate', { what: 'leaf' }], ['POST', '/hibernate'],
    ];
    for (const [method, path, body] of refused) {
      expect(await problemOf(await api.send(method, `/clusters/drowsy${path}`, body))).toMatchObject({ status: 409, code: 'cluster-hibernated', hint: expect.stringContaining('/wake') as string });
    }
    for (const preview of [await api.send('POST', '/clusters/drowsy/wake?dryRun=true'), await api.send('DELETE', '/clusters/drowsy?dryRun=true')]) expect((await previewOf(preview)).kind).toBe('preview');

    const woken = await submissionOf(await api.send('POST', '/clusters/drowsy/wake'));
    expect(woken.job).toMatchObject({ kind: 'wake', phases: [{ name: 'preflight' }, { name: 'wake-up' }, { name: 'verify' }] });
    await api.finish(woken.job.id);
    expect(await (await api.send('GET', '/clusters/drowsy')).json()).toMatchObject({ state: 'ready' });
  });

  it('is refused where there is nothing to switch off, and where a change was left in the middle', async () => {
    await made('empty', false);
    expect(await problemOf(await api.send('POST', '/clusters/empty/hibernate'))).toMatchObject({ status: 409, code: 'cluster-not-ready' });
    await made('broken');
    const { job } = await submissionOf(await api.send('PATCH', '/clusters/broken', { labels: { a: 'b' } }));
    await api.finish(job.id, { state: 'failed', change: { state: 'failed' } });
    expect(await problemOf(await api.send('POST', '/clusters/broken/hibernate'))).toMatchObject({ status: 409, code: 'cluster-incomplete' });
    const woken = await submissionOf(await api.send('POST', '/clusters/broken/wake'));
    await api.finish(woken.job.id, { state: 'failed', change: { state: 'failed' } });
    expect((await submissionOf(await api.send('POST', '/clusters/broken/hibernate'))).job.kind).toBe('hibernate');
  });
});
