import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jobViewSchema } from '../../../api/views/job.js';
import type { ClusterRecord } from '../../../model/cluster.js';
import { connection, request, startApi, type RunningApi } from './harness.js';
import { clusterOf, jobOf, pageOf, previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

/** A cluster whose creation has ended. */
async function made(name: string, change: Partial<ClusterRecord> = {}, asked: object = {}): Promise<string> {
  const { job } = await submissionOf(await api.send('POST', '/clusters', { ...request(name), ...asked }));
  await api.finish(job.id, { change: { connection, ...change } });
  const tag = (await api.send('GET', `/clusters/${name}`)).headers.get('etag');
  if (tag === null) throw new Error('the cluster has no ETag');
  return tag;
}

describe('patching a cluster', () => {
  it('answers 202 with an update towards the merged spec', async () => {
    await made('patched');
    const response = await api.send('PATCH', '/clusters/patched', { owner: 'billing', labels: { team: 'a' } });
    const { cluster, job } = await submissionOf(response);
    expect(response.headers.get('location')).toBe(`/jobs/${job.id}`);
    expect(job).toMatchObject({ kind: 'update', state: 'queued' });
    expect(cluster).toMatchObject({ state: 'updating', spec: { owner: 'billing', labels: { team: 'a' } }, lastJob: { id: job.id } });
  });

  it('makes an update of a patch that changes nothing', async () => {
    await made('unchanged');
    expect((await submissionOf(await api.send('PATCH', '/clusters/unchanged', {}))).job.kind).toBe('update');
  });

  it('answers a changed immutable field with 422 and its pointer', async () => {
    await made('immutable');
    const problem = await problemOf(await api.send('PATCH', '/clusters/immutable', { region: 'eu-central-1', network: { cidr: '10.30.0.0/16' }, name: 'immutable' }));
    expect(problem).toMatchObject({ status: 422, code: 'immutable-field' });
    expect(problem.errors?.map((fault) => fault.pointer).sort()).toEqual(['/network/cidr', '/region']);
  });

  it('refuses to take an add-on away whose data goes with it, unless it is told so', async () => {
    await made('lossy', {}, { platform: { monitoring: 'prometheus', logging: 'loki' } });
    const patch = { platform: { monitoring: 'none', logging: 'none' } };

    const problem = await problemOf(await api.send('PATCH', '/clusters/lossy', patch));
    expect(problem).toMatchObject({ status: 422, code: 'data-would-be-lost', hint: expect.stringContaining('?allowDataLoss=true') as string });
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/platform/monitoring', '/platform/logging']);

    expect((await submissionOf(await api.send('PATCH', '/clusters/lossy?allowDataLoss=true', patch))).cluster?.spec.platform).toMatchObject({ monitoring: 'none', logging: 'none' });
  });

  it('answers a patch to an invalid spec with 422 and every pointer', async () => {
    await made('bad-patch');
    const problem = await problemOf(await api.send('PATCH', '/clusters/bad-patch', { nodePools: [], foo: 1, access: { groups: [{ id: 'x', role: 'admin' }] } }));
    expect(problem.errors?.map((fault) => fault.pointer)).toEqual(expect.arrayContaining(['/nodePools', '/foo', '/access/groups/0/id']));
  });

  it('answers 409 with the running job while one is unfinished, before anything else is looked at', async () => {
    const { job } = await submissionOf(await api.send('POST', '/clusters', request('busy')));
    for (const problem of [await problemOf(await api.send('PATCH', '/clusters/busy', { owner: 'x' })), await problemOf(await api.send('DELETE', '/clusters/busy'))]) {
      expect(problem).toMatchObject({ status: 409, code: 'operation-in-progress', job: `/jobs/${job.id}`, retryable: true });
    }
  });

  it('lets one of many changes through', async () => {
    await made('crowded');
    const answers = await Promise.all(Array.from({ length: 20 }, (_value, index) => api.send('PATCH', '/clusters/crowded', { owner: `o${index}` })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, ...Array.from({ length: 19 }, () => 409)]);
  });
});

describe('If-Match', () => {
  it('lets the current version and * through, also in a list', async () => {
    const tag = await made('matched');
    for (const ifMatch of [tag, '*', `"0", ${tag}`]) {
      await previewOf(await api.send('PATCH', '/clusters/matched?dryRun=true', {}, { 'if-match': ifMatch }));
    }
    await submissionOf(await api.send('PATCH', '/clusters/matched', {}, { 'if-match': tag }));
  });

  it('answers an older version with 412 and changes nothing', async () => {
    const tag = await made('moved-on');
    const { job } = await submissionOf(await api.send('PATCH', '/clusters/moved-on', { owner: 'first' }));
    await api.finish(job.id);
    for (const method of ['PATCH', 'DELETE']) {
      const problem = await problemOf(await api.send(method, '/clusters/moved-on', method === 'PATCH' ? { owner: 'second' } : undefined, { 'if-match': tag }));
      expect(problem).toMatchObject({ status: 412, code: 'precondition-failed' });
    }
    expect(await clusterOf(await api.send('GET', '/clusters/moved-on'))).toMatchObject({ state: 'ready', spec: { owner: 'first' } });
  });

  it('answers a tag that was never given with 412', async () => {
    await made('foreign-tag');
    expect((await problemOf(await api.send('DELETE', '/clusters/foreign-tag', undefined, { 'if-match': '"abc"' }))).code).toBe('precondition-failed');
  });
});

describe('dry runs of changes', () => {
  it('take no slot, change no state and are not the last job', async () => {
    const tag = await made('dry-change');
    const update = await previewOf(await api.send('PATCH', '/clusters/dry-change?dryRun=true', { owner: 'new' }));
    const deletion = await previewOf(await api.send('DELETE', '/clusters/dry-change?dryRun=true&retain=none'));
    for (const job of [update, deletion]) expect(job).toMatchObject({ kind: 'preview', plan: null });
    const response = await api.send('GET', '/clusters/dry-change');
    expect(response.headers.get('etag')).toBe(tag);
    expect(await clusterOf(response)).toMatchObject({ state: 'ready', lastJob: { kind: 'create' }, spec: { owner: 'unowned' } });
    expect((await api.store.getJob(update.id))).toMatchObject({ spec: { owner: 'new' }, intent: { change: 'update' } });
    expect((await api.store.getJob(deletion.id))).toMatchObject({ intent: { change: 'delete', retain: 'none' } });
  });

  it('are possible while a job runs', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('dry-busy')));
    await previewOf(await api.send('PATCH', '/clusters/dry-busy?dryRun=true', { owner: 'x' }));
  });

  it('answer invalid changes with 422', async () => {
    await made('dry-invalid');
    expect((await api.send('PATCH', '/clusters/dry-invalid?dryRun=true', { region: 'eu-central-1' })).status).toBe(422);
  });
});

describe('deleting a cluster', () => {
  it('keeps what the template says unless the request says otherwise', async () => {
    await made('kept');
    const kept = (await submissionOf(await api.send('DELETE', '/clusters/kept'))).job;
    expect(kept).toMatchObject({ kind: 'delete', receipt: null });
    expect((await api.store.getJob(kept.id))?.intent).toEqual({ change: 'delete', retain: 'backups', retryOf: null });
    await made('not-kept');
    const gone = (await submissionOf(await api.send('DELETE', '/clusters/not-kept?retain=none'))).job;
    expect((await api.store.getJob(gone.id))?.intent.retain).toBe('none');
  });

  it('is 404 once the cluster is gone, while its jobs stay to be read', async () => {
    await made('short-lived');
    const { cluster, job } = await submissionOf(await api.send('DELETE', '/clusters/short-lived'));
    expect(cluster.state).toBe('deleting');
    await api.finish(job.id, { change: 'gone' });
    for (const path of ['/clusters/short-lived', '/clusters/short-lived/kubeconfig']) expect((await problemOf(await api.send('GET', path))).code).toBe('cluster-not-found');
    expect((await problemOf(await api.send('DELETE', '/clusters/short-lived'))).code).toBe('cluster-not-found');
    expect(await jobOf(await api.send('GET', `/jobs/${job.id}`))).toMatchObject({ state: 'succeeded' });
    expect((await pageOf(await api.send('GET', '/clusters/short-lived/jobs'), jobViewSchema)).items.map((item) => item.kind)).toEqual(['delete', 'create']);
    await submissionOf(await api.send('POST', '/clusters', request('short-lived')));
  });
});

describe('the kubeconfig', () => {
  it('is not there before the API server is', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('no-config')));
    expect(await problemOf(await api.send('GET', '/clusters/no-config/kubeconfig'))).toMatchObject({ status: 409, code: 'kubeconfig-not-ready' });
  });

  it('comes as YAML, or as JSON where the caller prefers it', async () => {
    await made('config');
    const yaml = await api.send('GET', '/clusters/config/kubeconfig');
    expect(yaml.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
    const json = await api.send('GET', '/clusters/config/kubeconfig', undefined, { accept: 'application/json' });
    const document: unknown = await json.json();
    expect(parse(await yaml.text())).toEqual(document);
    expect(document).toMatchObject({ kind: 'Config', clusters: [{ cluster: { server: connection.endpoint } }], users: [{ user: { exec: { command: 'kubelogin' } } }] });
  });
});

describe('a cluster that is observed', () => {
  it('shows nodes, add-ons and conditions, and old ones as unknown', async () => {
    const tag = await made('observed');
    const { uid } = await clusterOf(await api.send('GET', '/clusters/observed'));
    const [now, old] = [new Date().toISOString(), new Date(Date.now() - 600_000).toISOString()];
    await api.store.observe('observed', uid, {
      conditions: [
        { type: 'Reachable', status: 'True', reason: 'Answered', message: '', observedAt: now },
        { type: 'NodesReady', status: 'True', reason: 'AllReady', message: '', observedAt: old },
      ],
      nodes: { controlPlane: 3, workers: 4 },
      addons: [{ name: 'cilium', version: '1.18.0', state: 'deployed', url: null }],
    });
    const response = await api.send('GET', '/clusters/observed');
    expect(response.headers.get('etag')).toBe(tag);
    expect(await clusterOf(response)).toMatchObject({
      endpoint: connection.endpoint, nodes: { controlPlane: 3, workers: 4 }, addons: [{ name: 'cilium' }],
      conditions: [{ type: 'Reachable', status: 'True' }, { type: 'NodesReady', status: 'Unknown', reason: 'Stale' }],
    });
  });

  it('hides what is not for callers', async () => {
    await made('hidden');
    const shown = await (await api.send('GET', '/clusters/hidden')).text();
    for (const field of ['activeJob', 'connection', 'certificateAuthority', '127.0.0.2']) expect(shown).not.toContain(field);
  });
});

describe('the idempotency key of a change', () => {
  const keyed = (method: string, path: string, key: string, body?: unknown, headers: Record<string, string> = {}) => api.send(method, path, body, { 'idempotency-key': key, ...headers });

  it('gives a patch sent again its first answer, also when that patch stands in its way or has ended', async () => {
    const tag = await made('patched-once');
    const send = () => keyed('PATCH', '/clusters/patched-once', 'patch-1', { owner: 'billing' }, { 'if-match': tag });
    const first = await send();
    const shown = await submissionOf(first);
    const again = await send();
    expect(again.status).toBe(202);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await submissionOf(again)).toEqual(shown);
    await api.finish(shown.job.id);
    expect((await submissionOf(await send())).job.id).toBe(shown.job.id);
    expect((await pageOf(await api.send('GET', '/clusters/patched-once/jobs'), jobViewSchema)).items).toHaveLength(2);
  });

  it('makes one job of many that come at once', async () => {
    await made('patched-by-many');
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed('PATCH', '/clusters/patched-by-many', 'many-1', { owner: 'billing' })));
    const ids = await Promise.all(answers.map(async (answer) => (await submissionOf(answer)).job.id));
    expect(new Set(ids).size).toBe(1);
  });

  it('holds for plans, repairs, another try and deletions', async () => {
    await made('all-kinds');
    const twice = async (method: string, path: string, key: string, body?: unknown) => {
      const [first, second] = [await keyed(method, path, key, body), await keyed(method, path, key, body)].map(({ status, headers }) => ({ status, location: headers.get('location') ?? '' }));
      expect(first).toEqual({ status: 202, location: expect.stringMatching(/^[/]jobs[/]/) });
      expect(second).toEqual(first);
      return first?.location.replace('/jobs/', '') ?? '';
    };
    await twice('PATCH', '/clusters/all-kinds?dryRun=true', 'plan-1', { owner: 'billing' });
    const repair = await twice('POST', '/clusters/all-kinds/repair', 'repair-1');
    await api.finish(repair, { state: 'failed' });
    const retry = await twice('POST', `/jobs/${repair}/retry`, 'retry-1');
    await api.finish(retry);
    await twice('DELETE', '/clusters/all-kinds', 'delete-1');
  });

  it('is refused with another change', async () => {
    await made('patched-otherwise');
    await submissionOf(await keyed('PATCH', '/clusters/patched-otherwise', 'other-1', { owner: 'billing' }));
    expect(await problemOf(await keyed('PATCH', '/clusters/patched-otherwise', 'other-1', { owner: 'search' }))).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect(await problemOf(await keyed('DELETE', '/clusters/patched-otherwise', 'other-1'))).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });
});
