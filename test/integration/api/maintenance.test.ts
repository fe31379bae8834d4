import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connection, request, startApi, type RunningApi } from './harness.js';
import { previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

/** A window that is open for an hour each day, from so many hours from now on. */
const windowIn = (hours: number) => ({ windows: [{ start: `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 13)}:00`, hours: 1 }] });

async function made(name: string, hours: number): Promise<void> {
  const { job } = await submissionOf(await api.send('POST', '/clusters', { ...request(name, { kubernetesVersion: '1.35' }), maintenance: windowIn(hours) }));
  await api.finish(job.id, { change: { connection } });
}

const calls: readonly [path: string, body: unknown][] = [['upgrade', { kubernetesVersion: '1.36' }], ['rotate', { what: 'leaf' }]];

describe('maintenance windows', () => {
  it('keep what can wait outside, tell when they open, and let it in as urgent', async () => {
    for (const [path, body] of calls) {
      await made(path, 12);
      const opens = windowIn(12).windows[0]?.start ?? '';
      expect(await problemOf(await api.send('POST', `/clusters/${path}/${path}`, body))).toMatchObject({ status: 409, code: 'outside-maintenance-window', detail: expect.stringContaining(`T${opens}:00.000Z`) as string });
      expect((await submissionOf(await api.send('POST', `/clusters/${path}/${path}?urgent=true`, body))).job.kind).toBe(path);
    }
  });

  it('keep nothing out while one is open, and never a dry run or any other change', async () => {
    await made('open', 0);
    expect((await submissionOf(await api.send('POST', '/clusters/open/rotate', { what: 'leaf' }))).job.kind).toBe('rotate');
    await made('closed', 12);
    expect((await previewOf(await api.send('POST', '/clusters/closed/upgrade?dryRun=true', { kubernetesVersion: '1.36' }))).kind).toBe('preview');
    expect((await submissionOf(await api.send('PATCH', '/clusters/closed', { labels: { a: 'b' } }))).job.kind).toBe('update');
  });

  it('and calendars are refused at every fault at once', async () => {
    const wrong = { maintenance: { windows: [{ start: '25:00', hours: 0 }] }, hibernation: { schedule: [{ sleep: 'at night', wake: '0 7 * * *', timeZone: 'Nowhere' }] } };
    const problem = await problemOf(await api.send('POST', '/clusters', { ...request('wrong'), ...wrong }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-spec' });
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/hibernation/schedule/0/sleep', '/hibernation/schedule/0/timeZone', '/maintenance/windows/0/hours', '/maintenance/windows/0/start']);
  });
});
