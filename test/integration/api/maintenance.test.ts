import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLine } from '../../support/command-line.js';
import { connection, request, startApi, type RunningApi } from './harness.js';
import { clusterOf, previewOf, problemOf, submissionOf } from './schemas.js';

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

  it('have what is asked for with when=window wait, which leaves the cluster as it is and can be cancelled', async () => {
    for (const [path, body] of calls) {
      const name = `later-${path}`;
      await made(name, 12);
      const { job, cluster } = await submissionOf(await api.send('POST', `/clusters/${name}/${path}?when=window`, body));
      expect(job).toMatchObject({ kind: path, state: 'queued', notBefore: expect.stringContaining(`T${windowIn(12).windows[0]?.start ?? ''}:00.000Z`) as string });
      expect(cluster).toMatchObject({ state: 'ready', spec: { kubernetesVersion: '1.35' }, lastJob: { kind: 'create' } });
      await expect(api.claim(job.id)).rejects.toThrow();
      expect(await problemOf(await api.send('POST', `/clusters/${name}/${path}?when=window`, body))).toMatchObject({ code: 'operation-in-progress', job: `/jobs/${job.id}` });

      await api.finish((await submissionOf(await api.send('PATCH', `/clusters/${name}`, { labels: { a: 'b' } }))).job.id);
      const cancelled = await api.send('POST', `/jobs/${job.id}/cancel`);
      expect(await cancelled.json()).toMatchObject({ job: { state: 'cancelled' }, remains: { clusterState: 'ready', next: [] } });
      expect(await clusterOf(await api.send('GET', `/clusters/${name}`))).toMatchObject({ state: 'ready', spec: { kubernetesVersion: '1.35', labels: { a: 'b' } } });
      expect((await submissionOf(await api.send('POST', `/clusters/${name}/${path}?when=window`, body))).job.state).toBe('queued');
    }
  });

  it('have what the command line asks for wait', async () => {
    await made('typed', 12);
    const commands = await CommandLine.open(() => ({ CLUSTERWRIGHT_URL: api.url }));
    const [refused, waits] = [await commands.run(['rotate', 'typed', 'leaf']), await commands.run(['rotate', 'typed', 'leaf', '--when', 'window'])];
    await commands.close();
    expect(refused.code).not.toBe(0);
    expect([waits.code, waits.stderr]).toEqual([0, expect.stringMatching(/^typed: job \w+ \(rotate\) is queued and waits for the maintenance window that opens at \S+Z$/m) as string]);
  });

  it('let what may wait begin at once while one is open', async () => {
    await made('now', 0);
    const { job } = await submissionOf(await api.send('POST', '/clusters/now/rotate?when=window', { what: 'leaf' }));
    expect(job).not.toHaveProperty('notBefore');
    expect((await api.claim(job.id)).job.kind).toBe('rotate');
  });

  it('and calendars are refused at every fault at once', async () => {
    const wrong = { maintenance: { windows: [{ start: '25:00', hours: 0 }] }, hibernation: { schedule: [{ sleep: 'at night', wake: '0 7 * * *', timeZone: 'Nowhere' }] } };
    const problem = await problemOf(await api.send('POST', '/clusters', { ...request('wrong'), ...wrong }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-spec' });
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/hibernation/schedule/0/sleep', '/hibernation/schedule/0/timeZone', '/maintenance/windows/0/hours', '/maintenance/windows/0/start']);
  });
});
