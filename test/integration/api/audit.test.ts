import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditEntrySchema, auditRecordSchema } from '../../../model/audit.js';
import { request } from './harness.js';
import { ownedCluster } from './owned-cluster.js';
import { pageOf, problemOf, submissionOf } from './schemas.js';
import { person, startSignedInApi, thePortal, type SignedInApi } from './tenants.js';

let tenants: SignedInApi;
beforeAll(async () => { tenants = await startSignedInApi(); });
afterAll(() => tenants.stop());

const trail = async (query = '') => (await pageOf(await tenants.as(person('everything'), 'GET', `/audit${query}`), auditEntrySchema)).items;

it('says who asked what, when, from where, and what came of it', async () => {
  const answer = await tenants.as(thePortal, 'POST', '/clusters', request('recorded', { owner: 'payments' }), { 'x-request-id': 'recorded-1', 'user-agent': 'portal/1.2' });
  const { job } = await submissionOf(answer);
  const [entry] = await trail('?cluster=recorded');
  expect(entry).toMatchObject({
    caller: { kind: 'application', id: 'application:00000000-0000-4000-8000-000000000091', name: '00000000-0000-4000-8000-000000000090' },
    operation: 'createCluster', method: 'POST', path: '/clusters', cluster: 'recorded', owner: 'payments', job: job.id, outcome: 'done', status: 202, code: null, address: '127.0.0.1', userAgent: 'portal/1.2', requestId: 'recorded-1',
  });
  expect(Date.now() - Date.parse(entry?.at ?? '')).toBeLessThan(60_000);
});

it('has what was refused, hidden and could not be done, and kubeconfigs, but not what was only looked at', async () => {
  const own = await ownedCluster(tenants, 'looked-at', 'payments');
  const asked: [string, string, string][] = [
    ['viewer', 'DELETE', `/clusters/${own.name}`], ['stranger', 'GET', `/clusters/${own.name}`], ['operator', 'GET', `/clusters/${own.name}`], ['operator', 'GET', `/clusters/${own.name}/kubeconfig`], ['operator', 'POST', `/jobs/${own.job}/retry`],
  ];
  for (const [who, method, path] of asked) await tenants.as(person(who), method, path);
  expect((await trail('?cluster=looked-at')).reverse().map(({ caller, operation, outcome, status, code, owner }) => [caller?.name, operation, outcome, status, code, owner])).toEqual([
    ['operator@tenant.example', 'createCluster', 'done', 202, null, 'payments'],
    ['viewer@tenant.example', 'deleteCluster', 'refused', 403, 'forbidden', 'payments'],
    ['stranger@tenant.example', 'getCluster', 'refused', 404, 'cluster-not-found', 'payments'],
    ['operator@tenant.example', 'getKubeconfig', 'failed', 409, 'kubeconfig-not-ready', 'payments'],
    ['operator@tenant.example', 'retryJob', 'failed', 409, 'job-not-retryable', 'payments'],
  ]);
});

it('writes the same as lines of JSON, and strangers there alone', async () => {
  const strangers = await tenants.as(undefined, 'DELETE', '/clusters/whatever', undefined, { 'x-request-id': 'stranger-1' });
  expect((await problemOf(strangers)).status).toBe(401);
  const records = tenants.lines.map((line) => auditRecordSchema.parse(JSON.parse(line)));
  expect(records.find(({ requestId }) => requestId === 'stranger-1')).toMatchObject({ caller: null, operation: 'deleteCluster', outcome: 'refused', status: 401 });
  const stored = await trail('?limit=200');
  expect(stored.some(({ requestId }) => requestId === 'stranger-1')).toBe(false);
  for (const { id: _, ...record } of stored) expect(records).toContainEqual(record);
});

it('is told in pages, by time, caller, cluster and owner', async () => {
  for (let index = 0; index < 5; index += 1) await tenants.as(person('admin'), 'POST', '/clusters?dryRun=true', request(`paged-${index}`, { owner: 'payments' }));
  const id = 'person:00000000-0000-4000-8000-000000000052';
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Awaited<ReturnType<typeof pageOf<typeof auditEntrySchema>>> = await pageOf(await tenants.as(person('everything'), 'GET', `/audit?caller=${id}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`), auditEntrySchema);
    seen.push(...page.items.map(({ cluster }) => cluster ?? ''));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(['paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0']);
  const [third] = (await trail(`?caller=${id}&cluster=paged-2`));
  expect((await trail(`?caller=${id}&since=${third?.at}`)).map(({ cluster }) => cluster)).toEqual(['paged-4', 'paged-3', 'paged-2']);
  expect((await trail(`?caller=${id}&until=${third?.at}`)).map(({ cluster }) => cluster)).toEqual(['paged-1', 'paged-0']);
  expect(await trail('?owner=search')).toEqual([]);
  expect(await problemOf(await tenants.as(person('everything'), 'GET', '/audit?cursor=YXVkaXQ6YWJj'))).toMatchObject({ status: 400 });
});

it('believes no address but that of a proxy that is named', async () => {
  const address = async (api: Pick<SignedInApi, 'as'>): Promise<string | undefined> => {
    await api.as(person('everything'), 'POST', '/clusters?dryRun=true', request('from-afar'), { 'x-forwarded-for': '203.0.113.9' });
    return (await pageOf(await api.as(person('everything'), 'GET', '/audit?cluster=from-afar'), auditEntrySchema)).items[0]?.address;
  };
  expect(await address(tenants)).toBe('127.0.0.1');
  const behind = await startSignedInApi({ trustedProxies: ['127.0.0.1'] });
  try {
    expect(await address(behind)).toBe('203.0.113.9');
  } finally {
    await behind.stop();
  }
});
