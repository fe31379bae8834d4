import { createServer, connect as dial, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterwrightClient, Problem, Unreachable, type ClusterRequest, type JobEvent } from '../../../client/index.js';
import type { JobEventBody } from '../../../model/event.js';
import { startApi, type RunningApi } from '../api/harness.js';

let api: RunningApi;
let client: ClusterwrightClient;
beforeAll(async () => {
  api = await startApi();
  client = new ClusterwrightClient({ url: `${api.url}/` });
});
afterAll(() => api.stop());

const id = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-${String(digit).repeat(12)}`;
const request = (name: string): ClusterRequest => ({
  name, template: 'production', provider: 'aws', access: { entra: { tenantId: id(1), clientId: id(2) }, groups: [{ id: id(3), role: 'admin' }] },
});
const message = (text: string): JobEventBody => ({ type: 'message', severity: 'info', text, resource: null });
const texts = (events: readonly JobEvent[]) => events.flatMap(({ event }) => (event.type === 'message' ? [event.text] : []));

/** What a promise is refused with. */
async function refusal(promise: Promise<unknown>): Promise<Problem> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof Problem)) throw new Error(`expected a problem, got ${String(error)}`);
  return error;
}

describe('a client', () => {
  it('takes a cluster from its request to its deletion', async () => {
    const { cluster, job } = await client.createCluster(request('whole-life'), { idempotencyKey: 'whole-life-1' });
    expect(cluster).toMatchObject({ name: 'whole-life', state: 'provisioning' });
    expect((await client.createCluster(request('whole-life'), { idempotencyKey: 'whole-life-1' })).job.id).toBe(job.id);
    await api.finish(job.id);
    const ready = await client.cluster('whole-life');
    expect(ready.state).toBe('ready');

    const update = await client.updateCluster('whole-life', { owner: 'payments' }, { ifMatch: ready.version });
    await api.finish(update.job.id);
    expect((await refusal(client.updateCluster('whole-life', { owner: 'search' }, { ifMatch: ready.version }))).status).toBe(412);

    const repair = await client.repairCluster('whole-life');
    await api.finish(repair.job.id, { state: 'failed' });
    const retry = await client.retryJob(repair.job.id);
    expect((await client.cancelJob(retry.job.id)).job.state).toBe('cancelled');

    const plan = await client.deleteCluster('whole-life', { dryRun: true });
    expect(plan.job.kind).toBe('preview');
    const deletion = await client.deleteCluster('whole-life', { retain: 'none' });
    await api.finish(deletion.job.id, { change: 'gone' });
    expect((await refusal(client.cluster('whole-life'))).code).toBe('cluster-not-found');
    expect((await client.template('production')).name).toBe('production');
    expect((await client.templates()).map(({ name }) => name)).toContain('hardened');
  });

  it('reads lists to their end, whatever the size of a page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await api.finish((await client.createCluster(request(name))).job.id);
    const names: string[] = [];
    for await (const { name } of client.clusters({ limit: 1 })) names.push(name);
    expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    const jobs: string[] = [];
    for await (const job of client.clusterJobs('page-a', { limit: 1 })) jobs.push(job.kind);
    expect(jobs).toEqual(['create']);
  });

  it('throws what the service refused, with every fault, and says when nobody answers', async () => {
    const problem = await refusal(client.createCluster({ ...request('Not A Name'), region: 'eu-nowhere-1' }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-spec', retryable: false });
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/name', '/region']));
    expect(problem.hint).not.toBe('');

    const { job } = await client.createCluster(request('in-the-way'));
    expect(await refusal(client.deleteCluster('in-the-way'))).toMatchObject({ status: 409, code: 'operation-in-progress', job: job.id, retryAfterSeconds: 5 });

    const nobody = new ClusterwrightClient({ url: `http://127.0.0.1:${await freePort()}` });
    await expect(nobody.cluster('any')).rejects.toThrow(Unreachable);
    await expect(nobody.cluster('any')).rejects.toThrow(/does not answer: .*ECONNREFUSED/);
  });

  it('follows a job over broken connections, each event once, and answers the finished job', async () => {
    const { job } = await client.createCluster(request('followed'));
    const line = await startLine(new URL(api.url).port);
    const far = new ClusterwrightClient({ url: `http://127.0.0.1:${line.port}` });
    const seen: JobEvent[] = [];
    const interruptions: unknown[] = [];
    const watched = far.watchJob(job.id, { onEvent: (event) => { seen.push(event); if (texts(seen).length === 1) line.cut(); }, onInterruption: (cause) => void interruptions.push(cause) });
    const claim = await api.claim(job.id);
    await api.store.write(claim.lease, { events: [message('one')] });
    await expect.poll(() => interruptions.length).toBeGreaterThan(0);
    await api.end(claim, { events: [message('two'), message('three')] });
    expect((await watched).state).toBe('succeeded');
    expect(texts(seen)).toEqual(['one', 'two', 'three']);
    expect(new Set(seen.map((event) => event.id)).size).toBe(seen.length);
    await line.stop();
  });

  it('stops to look when it is told so, and the job goes on', async () => {
    const { job } = await client.createCluster(request('left-alone'));
    const leaving = new AbortController();
    const watched = client.watchJob(job.id, { onEvent: () => leaving.abort(new Error('left')), signal: leaving.signal });
    await expect(watched).rejects.toThrow('left');
    expect((await client.job(job.id)).state).toBe('queued');
    expect((await refusal(client.watchJob('01ARZ3NDEKTSV4RRFFQ69G5FAV'))).code).toBe('job-not-found');
  });

  it('stops to look also where the request of its stream has been collected as garbage', async () => {
    const { job } = await client.createCluster(request('long-watched'));
    const leaving = new AbortController();
    let seen = 0;
    const watched = client.watchJob(job.id, { onEvent: () => (seen += 1), signal: leaving.signal });
    await expect.poll(() => seen).toBeGreaterThan(0);
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    leaving.abort(new Error('left'));
    await expect(watched).rejects.toThrow('left');
  });

  it('carries its token, asked for anew with every request', async () => {
    const asked: (string | null)[] = [];
    let number = 0;
    const signed = new ClusterwrightClient({
      url: api.url, token: async () => `token-${(number += 1)}`,
      fetch: async (input, init) => { const sent = new Request(input, init); asked.push(sent.headers.get('authorization')); return fetch(sent); },
    });
    await signed.templates();
    await api.finish((await client.createCluster(request('signed'))).job.id);
    for await (const _event of signed.events((await client.cluster('signed')).lastJob?.id ?? '')) break;
    expect(asked).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

async function freePort(): Promise<number> {
  const line = await startLine('1');
  await line.stop();
  return line.port;
}

/** A wire to a port, which can be cut: whoever is connected is thrown out, and may come again. */
async function startLine(port: string): Promise<{ port: number; cut(): void; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(Number(port), '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => { open.delete(socket); near.destroy(); far.destroy(); });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const cut = () => { for (const socket of open) socket.resetAndDestroy(); };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    stop: () => new Promise((resolve) => { server.close(() => resolve()); cut(); }),
  };
}
