import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterViewSchema } from '../../../api/views/cluster.js';
import { jobViewSchema } from '../../../api/views/job.js';
import { request, startApi, type RunningApi } from './harness.js';
import { clusterOf, pageOf, previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

describe('creating a cluster', () => {
  it('answers 202 with both records, where the job is and when to look', async () => {
    const response = await api.send('POST', '/clusters', request('created'));
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { cluster, job } = await submissionOf(response);
    expect(response.headers.get('location')).toBe(`/jobs/${job.id}`);
    expect(cluster).toMatchObject({
      name: 'created', state: 'provisioning', simulated: true, version: 1, endpoint: null, zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], nodes: { controlPlane: 0, workers: 0 },
      addons: [], lastJob: { id: job.id, kind: 'create', state: 'queued' }, conditions: [],
    });
    expect(cluster.spec).toMatchObject({ template: 'production', controlPlane: { replicas: 3 } });
    expect(job).toMatchObject({ cluster: 'created', kind: 'create', state: 'queued', simulated: true, attempt: 1, error: null, progress: { percent: 0 } });
    expect(job.phases.map((phase) => phase.name)).toEqual(['preflight', 'infrastructure', 'control-plane', 'nodes', 'platform', 'verify']);
    expect(job).not.toHaveProperty('plan');
    expect(await clusterOf(await api.send('GET', '/clusters/created'))).toEqual(cluster);
  });

  it('answers a taken name with 409', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('taken')));
    expect(await problemOf(await api.send('POST', '/clusters', request('taken')))).toMatchObject({ status: 409, code: 'cluster-exists' });
  });

  it('makes one of many that ask for the same name at once', async () => {
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await api.send('POST', '/clusters', request('contested'))).status));
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
  });
});

describe('the idempotency key', () => {
  it('makes one cluster and one job of 50 equal requests at once, and gives all the same answer', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, async () => {
      const response = await api.send('POST', '/clusters', request('fifty'), { 'idempotency-key': 'fifty-1' });
      return { status: response.status, location: response.headers.get('location'), body: await response.text() };
    }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect((await pageOf(await api.send('GET', '/clusters/fifty/jobs'), jobViewSchema)).items).toHaveLength(1);
  });

  it('gives the first answer again after the job has moved on', async () => {
    const send = () => api.send('POST', '/clusters', request('again'), { 'idempotency-key': 'again-1' });
    const first = await submissionOf(await send());
    await api.finish(first.job.id);
    const replay = await send();
    expect(replay.headers.get('location')).toBe(`/jobs/${first.job.id}`);
    expect(await submissionOf(replay)).toEqual(first);
  });

  it('sees the same request in another order of keys', async () => {
    const body = request('ordered', { owner: 'a', labels: { x: '1', y: '2' } });
    const turned = Object.fromEntries(Object.entries({ ...body, labels: { y: '2', x: '1' } }).reverse());
    const first = await submissionOf(await api.send('POST', '/clusters', body, { 'idempotency-key': 'ordered-1' }));
    expect((await submissionOf(await api.send('POST', '/clusters', turned, { 'idempotency-key': 'ordered-1' }))).job.id).toBe(first.job.id);
  });

  it('refuses the same key with another body or query with 422', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('reused'), { 'idempotency-key': 'reused-1' }));
    const other = await problemOf(await api.send('POST', '/clusters', request('reused', { owner: 'other' }), { 'idempotency-key': 'reused-1' }));
    expect(other).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    const dry = await problemOf(await api.send('POST', '/clusters?dryRun=true', request('reused-not'), { 'idempotency-key': 'reused-1' }));
    expect(dry.code).toBe('idempotency-key-reused');
  });

  it('remembers no refusal', async () => {
    const key = { 'idempotency-key': 'refused-1' };
    expect((await api.send('POST', '/clusters', request('refused', { region: 'nowhere' }), key)).status).toBe(422);
    await submissionOf(await api.send('POST', '/clusters', request('refused'), key));
  });
});

describe('a dry run of a creation', () => {
  it('answers with a preview and makes and reserves nothing', async () => {
    const job = await previewOf(await api.send('POST', '/clusters?dryRun=true', request('dry')));
    expect(job).toMatchObject({ kind: 'preview', state: 'queued', plan: null, cluster: 'dry' });
    expect((await api.send('GET', '/clusters/dry')).status).toBe(404);
    await submissionOf(await api.send('POST', '/clusters', request('dry')));
  });

  it('answers a taken name with 409', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('dry-taken')));
    expect((await problemOf(await api.send('POST', '/clusters?dryRun=true', request('dry-taken')))).code).toBe('cluster-exists');
  });

  it('repeats its answer under a key', async () => {
    const send = () => api.send('POST', '/clusters?dryRun=true', request('dry-key'), { 'idempotency-key': 'dry-1' });
    expect((await previewOf(await send())).id).toBe((await previewOf(await send())).id);
  });
});

describe('lists of clusters', () => {
  it('are paged without loss or doubles and filtered by provider, state and owner', async () => {
    const names = Array.from({ length: 7 }, (_value, index) => `paged-${index}`);
    await Promise.all(names.map(async (name) => submissionOf(await api.send('POST', '/clusters', request(name, { owner: 'pager' })))));
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: { name: string }[]; nextCursor: string | null } =
        await pageOf(await api.send('GET', `/clusters?owner=pager&provider=aws&state=provisioning&limit=3${cursor && `&cursor=${cursor}`}`), clusterViewSchema);
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((cluster) => cluster.name));
      cursor = page.nextCursor;
    }
    expect(seen.sort()).toEqual(names);
    expect((await pageOf(await api.send('GET', '/clusters?owner=pager&state=ready'), clusterViewSchema)).items).toEqual([]);
  });
});
