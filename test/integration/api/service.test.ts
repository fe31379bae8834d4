import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiText } from '../../../api/openapi/document.js';
import { templateViewSchema } from '../../../api/views/template.js';
import { request, startApi, type RunningApi } from './harness.js';
import { pageOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

describe('the docs', () => {
  it('serve the OpenAPI document that is checked in', async () => {
    const served = await (await api.send('GET', '/openapi.json')).text();
    expect(served).toBe(await readFile(new URL('../../../api/openapi.json', import.meta.url), 'utf8'));
    expect(served).toBe(openApiText());
  });

  it('load nothing from elsewhere', async () => {
    const page = await api.send('GET', '/docs');
    const html = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).not.toMatch(/https?:\/\//);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'.*connect-src 'self'/);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');

    const loaded = [...html.matchAll(/<(?:script src|link rel="stylesheet" href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(loaded).toHaveLength(3);
    for (const path of loaded) {
      const asset = await api.send('GET', path);
      expect(asset.status, path).toBe(200);
      expect(asset.headers.get('content-type')).toMatch(path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      const text = await asset.text();
      if (path.endsWith('.css')) expect(text).not.toMatch(/@import|url\(["']?https?:/);
      if (path.endsWith('docs.js')) expect(text).toContain('validatorUrl: null');
    }
  });
});

describe('the catalogue', () => {
  it('lists templates with what they give on each cloud', async () => {
    const page = await pageOf(await api.send('GET', '/templates'), templateViewSchema);
    expect(page.items.map((template) => template.name)).toEqual(['development', 'hardened', 'production']);
    expect(templateViewSchema.parse(await (await api.send('GET', '/templates/production')).json())).toMatchObject({ spec: { aws: { controlPlane: { replicas: 3 } } } });
  });

  it('is paged', async () => {
    const first = await pageOf(await api.send('GET', '/templates?limit=2'), templateViewSchema);
    const second = await pageOf(await api.send('GET', `/templates?limit=2&cursor=${first.nextCursor ?? ''}`), templateViewSchema);
    expect([...first.items, ...second.items].map((template) => template.name)).toEqual(['development', 'hardened', 'production']);
    expect(second.nextCursor).toBeNull();
  });
});

describe('health', () => {
  it('is ready when nothing failed', async () => {
    expect(await (await api.send('GET', '/healthz')).json()).toEqual({ status: 'ok' });
    const response = await api.send('GET', '/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ready', checks: { redis: 'ok', queue: 'ok', backend: 'unknown' } });
  });

  it.each([
    ['answers that it failed', () => Promise.resolve('failed' as const)],
    ['breaks', () => Promise.reject(new Error('secret detail'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('is not ready when the check of the backend %s', async (_name, backendCheck) => {
    const other = await startApi({ backendCheck, limits: { checkMs: 200 } });
    try {
      const response = await other.send('GET', '/readyz');
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'not-ready', checks: { redis: 'ok', queue: 'ok', backend: 'failed' } });
    } finally {
      await other.stop();
    }
  });
});

describe('metrics', () => {
  const scrape = async () => (await api.send('GET', '/metrics')).text();

  it('count jobs by state, waiting jobs, requests by route and submissions', async () => {
    await submissionOf(await api.send('POST', '/clusters', request('measured')));
    await api.send('GET', '/clusters/measured');
    await api.send('GET', '/no-such-path-at-all');
    const text = await scrape();
    expect(text).toMatch(/^clusterwright_jobs\{state="queued"\} 1$/m);
    expect(text).toMatch(/^clusterwright_jobs\{state="failed"\} 0$/m);
    expect(text).toMatch(/^clusterwright_queue_depth 1$/m);
    expect(text).toMatch(/^clusterwright_jobs_submitted_total\{kind="create"\} 1$/m);
    expect(text).toMatch(/^clusterwright_http_request_duration_seconds_count\{method="GET",route="\/clusters\/\{name\}",status="200"\} 1$/m);
    expect(text).toMatch(/route="unknown",status="404"/);
    expect(text).not.toContain('measured');
    expect(text).not.toContain('no-such-path');
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  });

  it('have the durations of the phases of jobs that ended', async () => {
    const other = await startApi();
    try {
      const { job } = await submissionOf(await other.send('POST', '/clusters', request('phased')));
      const { job: running, cluster, lease } = await other.claim(job.id);
      const [startedAt, endedAt] = [new Date(Date.now() - 7000).toISOString(), new Date().toISOString()];
      const phases = running.phases.map((phase) => (phase.name === 'preflight' ? { ...phase, state: 'succeeded' as const, startedAt, endedAt } : phase));
      await other.store.finish(lease, { job: { ...running, phases, state: 'succeeded', endedAt }, ...(cluster ? { cluster: { ...cluster, state: 'ready' } } : {}) });
      const text = await (await other.send('GET', '/metrics')).text();
      expect(text).toMatch(/^clusterwright_phase_duration_seconds_sum\{kind="create",phase="preflight",state="succeeded"\} 7$/m);
      expect(text).toMatch(/^clusterwright_phase_duration_seconds_count\{kind="create",phase="preflight",state="succeeded"\} 1$/m);
    } finally {
      await other.stop();
    }
  });
});

describe('requests', () => {
  it('keep a sane id of the caller and get one otherwise', async () => {
    const id = 'portal-42.a:b_c';
    const problem = await problemOf(await api.send('GET', '/nothing', undefined, { 'x-request-id': id }));
    expect(problem.requestId).toBe(id);
    for (const odd of ['x'.repeat(65), 'a b', '"]}']) {
      const given = (await api.send('GET', '/healthz', undefined, { 'x-request-id': odd })).headers.get('x-request-id');
      expect(given).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('carry their id into the job\'s record and the log', async () => {
    const { job } = await submissionOf(await api.send('POST', '/clusters', request('traced'), { 'x-request-id': 'trace-1' }));
    expect((await api.store.getJob(job.id))?.requestId).toBe('trace-1');
    expect(api.logged.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ requestId: 'trace-1', jobId: job.id, cluster: 'traced', msg: 'job submitted' }));
  });

  it('leave no header, query or body in the log', async () => {
    const secret = 'planted-secret-4711';
    await api.send('POST', `/clusters?token=${secret}`, { password: secret }, { authorization: `Bearer ${secret}`, cookie: `session=${secret}`, 'idempotency-key': secret });
    await api.send('GET', `/jobs?token=${secret}`, undefined, { authorization: secret });
    await expect.poll(() => api.logged.join('').includes('"path":"/jobs"')).toBe(true);
    expect(api.logged.join('')).not.toContain(secret);
  });

  it('get headers that keep browsers from doing harm', async () => {
    const { headers } = await api.send('GET', '/clusters');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

it('limits changes by address, and no reads', async () => {
  const limited = await startApi({ limits: { writesPerMinute: 3 } });
  try {
    const statuses: number[] = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await limited.send('DELETE', '/clusters/nobody')).status);
    expect(statuses).toEqual([404, 404, 404]);
    const refused = await limited.send('POST', '/clusters', request('too-many'));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate-limited' });
    for (let index = 0; index < 50; index += 1) expect((await limited.send('GET', '/clusters')).status).toBe(200);
  } finally {
    await limited.stop();
  }
});

describe('stopping', () => {
  it('ends streams politely, finishes requests and takes no new ones', async () => {
    const held = new EventEmitter();
    const asked = once(held, 'asked');
    const other = await startApi({ queueDepth: async () => { held.emit('asked'); await once(held, 'go on'); return 0; } });
    const { job } = await submissionOf(await other.send('POST', '/clusters', request('stopping')));
    const stream = await fetch(`${other.url}/jobs/${job.id}/events`, { headers: { accept: 'text/event-stream' } });
    const underWay = other.send('GET', '/readyz');
    await asked;

    const stopped = other.server.stop();
    expect(await stream.text()).toMatch(/^retry: 1000\n/);
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
    held.emit('go on');
    expect((await underWay).status).toBe(200);
    await stopped;
    await other.stop();
  });

  it('says so when the address is taken', async () => {
    const { serve } = await import('../../../api/index.js');
    const express = (await import('express')).default;
    await expect(serve(express(), '127.0.0.1', api.server.port)).rejects.toMatchObject({ code: 'settings-invalid' });
  });
});
