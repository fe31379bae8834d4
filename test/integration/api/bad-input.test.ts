import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const post = (body: string | Uint8Array, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${api.url}/clusters`, { method: 'POST', headers, body });

describe('bad bodies', () => {
  it.each([
    ['a broken document', '{"name": '],
    ['an empty body', ''],
    ['text behind the document', '{} x'],
    ['a single quote', "{'name': 'x'}"],
    ['a document nested too deeply', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['arrays nested too deeply', '['.repeat(100_000)],
  ])('answers %s with 400', async (_name, body) => {
    const problem = await problemOf(await post(body));
    expect(problem).toMatchObject({ status: 400, code: 'malformed-json', type: '/problems/malformed-json', instance: '/clusters' });
  });

  it('answers bytes that are not UTF-8 with 400', async () => {
    const problem = await problemOf(await post(Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])));
    expect(problem).toMatchObject({ status: 400, code: 'malformed-json', detail: 'The body is not valid UTF-8.' });
  });

  it('never quotes the body in a detail', async () => {
    const problem = await problemOf(await post('{"password": hunter2}'));
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it.each([
    ['text/plain'], ['application/xml'], ['application/json; charset=latin1'], ['application/merge-patch+json'], ['multipart/form-data; boundary=x'], ['application/jsonp'],
  ])('answers %s with 415', async (type) => {
    const problem = await problemOf(await post('{}', { 'content-type': type }));
    expect(problem).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('answers a body without content type with 415', async () => {
    const response = await fetch(`${api.url}/clusters`, { method: 'POST', body: new Blob(['{}']) });
    expect((await problemOf(response)).status).toBe(415);
  });

  it('answers a patch of another type with 415 and says which it takes', async () => {
    const response = await fetch(`${api.url}/clusters/some`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(response.headers.get('accept-patch')).toBe('application/merge-patch+json');
    expect((await problemOf(response)).code).toBe('unsupported-media-type');
  });

  it('takes a declared UTF-8 charset', async () => {
    await submissionOf(await post(JSON.stringify(request('charset')), { 'content-type': 'Application/JSON; charset="UTF-8"' }));
  });

  it('refuses compressed bodies', async () => {
    const problem = await problemOf(await post('xx', { 'content-type': 'application/json', 'content-encoding': 'gzip' }));
    expect(problem).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('answers more than 256 KiB with 413, with and without a declared length', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(300_000) });
    expect(await problemOf(await post(large))).toMatchObject({ status: 413, code: 'body-too-large' });
    const chunks = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode(large)); controller.close(); } });
    const chunked = await fetch(`${api.url}/clusters`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: chunks, duplex: 'half' });
    expect((await problemOf(chunked)).code).toBe('body-too-large');
  });

  it('takes 256 KiB to the byte', async () => {
    const body = JSON.stringify(request('to-the-byte'));
    await submissionOf(await post(body.padEnd(262_144)));
    expect((await post(body.padEnd(262_145))).status).toBe(413);
  });
});

describe('invalid specs', () => {
  it('answers 422 with every pointer at once', async () => {
    const problem = await problemOf(await api.send('POST', '/clusters', request('Bad_Name', {
      unknown: 1,
      region: 'eu-nowhere-1',
      network: { cidr: '10.0.0.0/16', serviceCidr: '10.244.0.0/16', apiServer: { public: true } },
      controlPlane: { replicas: 2, extra: true },
      nodePools: [{ name: 'a', machineType: 'bogus', minNodes: 5, maxNodes: 2 }, { name: 'a', machineType: 'm7i.xlarge' }],
    })));
    expect(problem).toMatchObject({ status: 422, code: 'invalid-spec' });
    expect(problem.errors?.map((fault) => fault.pointer)).toEqual(expect.arrayContaining([
      '/name', '/unknown', '/region', '/network/cidr', '/network/serviceCidr', '/network/apiServer/allowedCidrs', '/controlPlane/replicas', '/controlPlane/extra',
      '/nodePools/0/machineType', '/nodePools/0/maxNodes', '/nodePools/1/name',
    ]));
    expect(problem.errors?.every((fault) => fault.detail.length > 0)).toBe(true);
  });

  it.each([['null', 'null'], ['a list', '[]'], ['a string', '"x"'], ['a number', '1e999']])('answers %s instead of an object with 422', async (_name, body) => {
    expect(await problemOf(await post(body))).toMatchObject({ status: 422, errors: [{ pointer: '' }] });
  });

  it('names keys that would reach for a prototype as unknown fields', async () => {
    const proto = await problemOf(await post(JSON.stringify(request('proto')).replace(/}$/, ',"__proto__":{"admin":true},"labels":{"__proto__":"x"}}')));
    expect(proto.errors?.map((fault) => fault.pointer).sort()).toEqual(['/__proto__', '/labels/__proto__']);
    const others = await problemOf(await api.send('POST', '/clusters', request('proto', { constructor: 1, toString: 2 })));
    expect(others.errors?.map((fault) => fault.pointer).sort()).toEqual(['/constructor', '/toString']);
    expect({}).not.toHaveProperty('admin');
  });

  it('takes the last of duplicate keys', async () => {
    const { cluster } = await submissionOf(await post(JSON.stringify(request('first-name')).replace('{', '{"name":"other-name",')));
    expect(cluster.name).toBe('first-name');
  });

  it('answers templates and accounts that are objects\' own words with 422', async () => {
    const problem = await problemOf(await api.send('POST', '/clusters', request('words', { template: '__proto__', account: 'constructor' })));
    expect(problem.errors?.map((fault) => fault.pointer)).toEqual(expect.arrayContaining(['/template', '/account']));
  });
});

describe('parameters', () => {
  it.each([
    ['/clusters?limit=0'], ['/clusters?limit=201'], ['/clusters?limit=99999999999999999999'], ['/clusters?limit=1e2'], ['/clusters?limit=-1'], ['/clusters?limit='],
    ['/clusters?cursor=%00'], ['/clusters?cursor=bm90LWEtY3Vyc29y'], ['/jobs?cursor=%22%22'], ['/jobs?cursor=Y2x1c3RlcnM6YQ'], ['/templates?cursor=zzzz'],
    ['/clusters?state=gone'], ['/clusters?provider=gcp'], ['/clusters?owner='], ['/clusters?limit=1&limit=2'], ['/clusters?unknown=1'], ['/clusters?__proto__=1'], ['/jobs?%FF=1'],
    ['/healthz?verbose=1'], ['/jobs?cluster=x'],
  ])('answers %s with 400', async (path) => {
    expect(await problemOf(await api.send('GET', path))).toMatchObject({ status: 400, code: 'invalid-parameter' });
  });

  it('names all parameters that are wrong', async () => {
    const { detail } = await problemOf(await api.send('GET', '/clusters?limit=0&state=x&foo=1'));
    for (const name of ['limit', 'state', 'foo']) expect(detail).toContain(name);
  });

  it.each([['POST', '/clusters?dryRun=yes'], ['POST', '/clusters?retain=none'], ['PATCH', '/clusters/x?retain=none'], ['DELETE', '/clusters/x?retain=all'], ['DELETE', '/clusters/x?cancelRunning=1'], ['PATCH', '/clusters/x?cancelRunning=true'],
    ['POST', '/clusters/x/repair?dryRun=true'], ['POST', '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel?force=true'], ['POST', '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/retry?x=1']])(
    'answers %s %s with 400', async (method, path) => {
      expect((await problemOf(await api.send(method, path, method === 'DELETE' ? undefined : {}))).code).toBe('invalid-parameter');
    });

  it.each([[''], ['x'.repeat(256)], ['caf\u00e9']])('answers the idempotency key %j with 400', async (key) => {
    expect((await problemOf(await api.send('POST', '/clusters', request('keyed'), { 'idempotency-key': key }))).code).toBe('invalid-parameter');
  });

  it.each([['3'], ['W/"3"'], ['"3'], ['"3" "4"'], ['*, "3"']])('answers If-Match %s with 400', async (tag) => {
    expect((await problemOf(await api.send('DELETE', '/clusters/some', undefined, { 'if-match': tag }))).code).toBe('invalid-parameter');
  });

  it.each([['x'], ['1'], ['1-'], ['-1'], ['99999999999999999999-0'], ['1-2-3'], ["1-1'; DROP"]])('answers Last-Event-ID %s with 400', async (id) => {
    const { job } = await submissionOf(await api.send('POST', '/clusters', request(`last-${Math.random().toString(36).slice(2, 10)}`)));
    const response = await api.send('GET', `/jobs/${job.id}/events`, undefined, { accept: 'text/event-stream', 'last-event-id': id });
    expect((await problemOf(response)).code).toBe('invalid-parameter');
  });
});

describe('unknown things', () => {
  it.each([
    ['/clusters/nobody', 'cluster-not-found'], ['/clusters/Not_A_Name', 'cluster-not-found'], ['/clusters/a%2Fb', 'cluster-not-found'], ['/clusters/%F0%9F%92%A9', 'cluster-not-found'],
    ['/clusters/__proto__', 'cluster-not-found'], ['/clusters/nobody/kubeconfig', 'cluster-not-found'], ['/clusters/nobody/jobs', 'cluster-not-found'],
    ['/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'job-not-found'], ['/jobs/nope', 'job-not-found'], ['/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/events', 'job-not-found'],
    ['/templates/none', 'template-not-found'], ['/templates/__proto__', 'template-not-found'],
    ['/', 'not-found'], ['/nothing', 'not-found'], ['/clusters/', 'not-found'], ['//clusters', 'not-found'], ['/Clusters', 'not-found'], ['/docs/../package.json', 'not-found'],
    ['/docs/%2e%2e%2fpackage.json', 'not-found'], ['/problems/none', 'not-found'],
  ])('answers %s with 404 %s', async (path, code) => {
    const problem = await problemOf(await api.send('GET', path));
    expect(problem).toMatchObject({ status: 404, code, type: `/problems/${code}` });
  });

  it('answers a path with broken percent encoding with 400', async () => {
    expect(await problemOf(await api.send('GET', '/clusters/%zz'))).toMatchObject({ status: 400, code: 'invalid-parameter', instance: '/clusters/%25zz' });
    expect(await problemOf(await api.send('GET', '/clusters/%c3%28'))).toMatchObject({ status: 400 });
  });

  it.each([['PATCH', {}], ['DELETE', undefined]])('answers %s of no cluster with 404', async (method, body) => {
    expect((await problemOf(await api.send(method, '/clusters/nobody', body))).code).toBe('cluster-not-found');
  });

  it('explains every type of problem at its URI', async () => {
    const { type, title } = await problemOf(await api.send('GET', '/nothing'));
    expect(await (await api.send('GET', type)).json()).toMatchObject({ type, title, status: 404 });
  });
});

describe('methods', () => {
  it.each([
    ['PUT', '/clusters', 'POST, GET, HEAD, OPTIONS'], ['POST', '/clusters/x', 'GET, HEAD, PATCH, DELETE, OPTIONS'], ['DELETE', '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'GET, HEAD, OPTIONS'],
    ['POST', '/jobs', 'GET, HEAD, OPTIONS'], ['PATCH', '/healthz', 'GET, HEAD, OPTIONS'], ['DELETE', '/templates/production', 'GET, HEAD, OPTIONS'], ['POST', '/docs', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel', 'POST, OPTIONS'], ['PATCH', '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/retry', 'POST, OPTIONS'], ['GET', '/clusters/x/repair', 'POST, OPTIONS'],
  ])('answers %s %s with 405 and Allow', async (method, path, allow) => {
    const response = await api.send(method, path, method === 'DELETE' || method === 'GET' ? undefined : {});
    expect(response.headers.get('allow')).toBe(allow);
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'method-not-allowed' });
  });

  it('answers OPTIONS with the methods and nothing for other origins', async () => {
    const response = await api.send('OPTIONS', '/clusters', undefined, { origin: 'https://example.com' });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers HEAD as GET without a body', async () => {
    const [get, head] = [await api.send('GET', '/templates'), await api.send('HEAD', '/templates')];
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(await head.text()).toBe('');
    expect((await api.send('HEAD', '/nothing')).status).toBe(404);
  });
});
