import http from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

/** Sends a request line as it stands; `fetch` would put it right. */
function raw(method: string, path: string, headers: Record<string, string>, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    const call = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      // A stream does not end: its beginning is enough.
      if (response.headers['content-type']?.startsWith('text/event-stream')) { resolve({ status: response.statusCode ?? 0, text }); call.destroy(); return; }
      response.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); }).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

it('never answers with 5xx, whatever method, path, header and body come together', async () => {
  const { job } = await submissionOf(await api.send('POST', '/clusters', request('fuzzed')));
  let seed = 42;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const pick = <T>(values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0];
  const parts = ['clusters', 'jobs', 'templates', 'fuzzed', job.id, 'events', 'cancel', 'retry', 'repair', 'kubeconfig', 'docs', 'problems', 'metrics', '%zz', '%00', '%2e%2e', '..', '', '%ff', '\u00e9', ';', '*', 'a'.repeat(3000), '__proto__'] as const;
  const queries = ['', '?', '?limit=1', '?limit=%', '?cursor=AAAA', '?cursor=am9iczow', '?dryRun=true', '?dryRun', '?&&=&', '?retain=none', '?cancelRunning=true', '?after=1-1', '?after=0-0&cursor=0-0', '?[]=1&a[b]=2', '?limit=200&limit=1'] as const;
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'] as const;
  const bodies = ['', '{"force":true}', '{"force":1}', '{}', '[]', 'null', '{"name":"x"}', '{"__proto__":null}', '\u0000', '{"spec":', JSON.stringify({ nodePools: null, network: [], access: 'x', labels: { '': {} } }), JSON.stringify(request('fuzz-made'))] as const;
  const headers = [
    {}, { 'content-type': 'application/json' }, { 'content-type': 'application/merge-patch+json' }, { 'content-type': ';;;' }, { accept: 'text/event-stream' }, { accept: '\u00ff/;q=x' },
    { 'if-match': '"1"', 'content-type': 'application/merge-patch+json' }, { 'if-none-match': '"' }, { 'last-event-id': '9999999999999999-9999999999999999', accept: 'text/event-stream' },
    { 'idempotency-key': 'k', 'content-type': 'application/json' }, { 'x-request-id': '\u00e9' }, { 'content-encoding': 'br', 'content-type': 'application/json' }, { range: 'bytes=0-1' },
  ] as const;

  for (let round = 0; round < 1500; round += 1) {
    const path = `/${Array.from({ length: random(4) }, () => pick(parts)).join('/')}${pick(queries)}`;
    const [method, header, body] = [pick(methods), pick<Record<string, string>>(headers), pick(bodies)];
    const line = encodeURI(path).replaceAll('%25', '%');
    const withBody = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) ? body : '';
    const answer = await raw(method, line, header, withBody);
    expect(answer.status, `${method} ${line.slice(0, 200)} ${JSON.stringify(header)} ${withBody}`).toBeLessThan(500);
    expect(answer.text).not.toMatch(/node_modules\/|\.[tj]s:\d+:\d+/);
  }
}, 60_000);
