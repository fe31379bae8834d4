import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operations } from '../../../api/routes/index.js';
import { clusterViewSchema } from '../../../api/views/cluster.js';
import { jobViewSchema } from '../../../api/views/job.js';
import { aGrant } from './grants.js';
import { ownedCluster } from './owned-cluster.js';
import { request } from './harness.js';
import { clusterOf, jobOf, pageOf, problemOf, submissionOf } from './schemas.js';
import { applicationWithoutRole, person, startSignedInApi, thePortal, type SignedInApi, type Who } from './tenants.js';

let tenants: SignedInApi;
let own: { name: string; job: string };
let foreign: { name: string; job: string };
beforeAll(async () => {
  tenants = await startSignedInApi();
  [own, foreign] = await Promise.all([ownedCluster(tenants, 'own', 'payments'), ownedCluster(tenants, 'foreign', 'search')]);
});
afterAll(() => tenants.stop());

/** What each operation takes, told apart from the code that says it: the least role, over whom, and a request for it. */
type Rule = { readonly least: 'everybody' | 'viewer' | 'operator' | 'admin of all'; readonly over: 'cluster' | 'job' | 'owner' | 'nobody'; readonly path: (of: { name: string; job: string }) => string; readonly body?: unknown };
const rules: Record<string, Rule> = {
  createCluster: { least: 'operator', over: 'owner', path: () => '/clusters?dryRun=true' },
  listClusters: { least: 'viewer', over: 'nobody', path: () => '/clusters' },
  getCluster: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}` },
  patchCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}?dryRun=true`, body: { labels: { a: 'b' } } },
  deleteCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}?dryRun=true` },
  repairCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/repair` },
  createBackup: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/backups` },
  restoreCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/restore`, body: { from: 'etcd/2026-11-29T10-03-11Z' } },
  listBackups: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/backups` },
  upgradeCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/upgrade?dryRun=true`, body: { kubernetesVersion: '1.35' } },
  getUpgradeReadiness: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/upgrade-readiness` },
  grantAccess: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/access-grants`, body: aGrant('operator') },
  listAccessGrants: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/access-grants` },
  revokeAccess: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/access-grants/01ARZ3NDEKTSV4RRFFQ69G5FAV` },
  startDrill: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/drills` },
  listDrills: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/drills` },
  checkDrift: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/drift` },
  ignoreDrift: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/drift/ignored`, body: { finding: 'cloud#x#', until: '2026-01-01T00:00:00Z', reason: 'a test' } },
  noticeDrift: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/drift/ignored?finding=x` },
  getDrift: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/drift` },
  hibernateCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/hibernate` },
  wakeCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/wake` },
  rotateCluster: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/rotate`, body: { what: 'leaf' } },
  listExpiries: { least: 'viewer', over: 'nobody', path: () => '/expiries' },
  getKubeconfig: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/kubeconfig` },
  listClusterJobs: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/jobs` },
  listWebhookDeliveries: { least: 'viewer', over: 'cluster', path: ({ name }) => `/clusters/${name}/webhook-deliveries` },
  redeliverWebhook: { least: 'operator', over: 'cluster', path: ({ name }) => `/clusters/${name}/webhook-deliveries/01ARZ3NDEKTSV4RRFFQ69G5FAV/redeliver` },
  getJob: { least: 'viewer', over: 'job', path: ({ job }) => `/jobs/${job}` },
  listJobs: { least: 'viewer', over: 'nobody', path: () => '/jobs' },
  listEvents: { least: 'viewer', over: 'job', path: ({ job }) => `/jobs/${job}/events` },
  cancelJob: { least: 'operator', over: 'job', path: ({ job }) => `/jobs/${job}/cancel`, body: {} },
  retryJob: { least: 'operator', over: 'job', path: ({ job }) => `/jobs/${job}/retry` },
  listTemplates: { least: 'viewer', over: 'nobody', path: () => '/templates' },
  getTemplate: { least: 'viewer', over: 'nobody', path: () => '/templates/production' },
  listAudit: { least: 'admin of all', over: 'nobody', path: () => '/audit' },
  getHealth: { least: 'everybody', over: 'nobody', path: () => '/healthz' },
  getReadiness: { least: 'everybody', over: 'nobody', path: () => '/readyz' },
  getMetrics: { least: 'everybody', over: 'nobody', path: () => '/metrics' },
  getOpenApi: { least: 'everybody', over: 'nobody', path: () => '/openapi.json' },
  getDocs: { least: 'everybody', over: 'nobody', path: () => '/docs' },
  getDocsAsset: { least: 'everybody', over: 'nobody', path: () => '/docs/docs.js' },
  getConsole: { least: 'everybody', over: 'nobody', path: () => '/' },
  getConsoleSettings: { least: 'everybody', over: 'nobody', path: () => '/console/settings.json' },
  getConsoleAsset: { least: 'everybody', over: 'nobody', path: () => '/console/console-AAAAAAAA.js' },
  getProblemType: { least: 'everybody', over: 'nobody', path: () => '/problems/forbidden' },
};

/** Callers with what they are over the clusters of `payments`. */
const callers: readonly (readonly [string, Who, 'none' | 'viewer' | 'operator' | 'admin' | 'admin of all' | 'elsewhere'])[] = [
  ['a viewer', person('viewer'), 'viewer'], ['an operator', person('operator'), 'operator'], ['an admin', person('admin'), 'admin'], ['an operator of another owner', person('stranger'), 'elsewhere'],
  ['an admin of all', person('everything'), 'admin of all'], ['somebody without a role', person('unknown'), 'none'], ['a portal', thePortal, 'operator'], ['a portal without a role', applicationWithoutRole, 'none'],
];

const order = ['viewer', 'operator', 'admin', 'admin of all'];
const reaches = (role: string, least: string): boolean => order.indexOf(role) >= order.indexOf(least);

/** What must come of a request about a cluster of `payments`. */
function expected(rule: Rule, role: (typeof callers)[number][2]): 'let in' | 'forbidden' | 'hidden' {
  if (rule.least === 'everybody') return 'let in';
  if (role === 'none') return 'forbidden';
  if (role !== 'elsewhere') return reaches(role, rule.least) ? 'let in' : 'forbidden';
  if (rule.over === 'cluster' || rule.over === 'job') return 'hidden';
  return rule.over === 'owner' || rule.least === 'admin of all' ? 'forbidden' : 'let in';
}

/** What came of it. A 404 of a delivery or a 409 is the answer to somebody who was let in. */
async function outcome(response: Response, rule: Rule): Promise<'let in' | 'forbidden' | 'hidden' | 'unauthenticated'> {
  if (response.status === 401) return 'unauthenticated';
  if (response.status === 403) return 'forbidden';
  if (response.status !== 404) return 'let in';
  return (await problemOf(response)).code === `${rule.over}-not-found` ? 'hidden' : 'let in';
}

const methodOf = (id: string): string => (operations.find((operation) => operation.id === id)?.method ?? '').toUpperCase();
const bodyOf = (id: string, rule: Rule, owner: string): unknown => (id === 'createCluster' ? request('asked', { owner }) : rule.body);

describe('who may do what', () => {
  it('has a rule for every operation of the API', () => {
    expect(Object.keys(rules).sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  for (const [id, rule] of Object.entries(rules)) {
    it(`lets in, forbids and hides ${id} as it should, by caller`, async () => {
      for (const [name, who, role] of callers) {
        const response = await tenants.as(who, methodOf(id), rule.path(own), bodyOf(id, rule, 'payments'));
        expect([name, await outcome(response, rule)]).toEqual([name, expected(rule, role)]);
      }
      const response = await tenants.as(undefined, methodOf(id), rule.path(own), bodyOf(id, rule, 'payments'));
      expect(await outcome(response, rule)).toBe(rule.least === 'everybody' ? 'let in' : 'unauthenticated');
      if (rule.least !== 'everybody') expect(response.headers.get('www-authenticate')).toBe('Bearer');
    });
  }

  it('says of another owner\'s cluster and job what it says of one that does not exist', async () => {
    for (const [path, missing] of [[`/clusters/${foreign.name}`, '/clusters/missing'], [`/jobs/${foreign.job}`, '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV']] as const) {
      const [hidden, absent] = await Promise.all([path, missing].map(async (one) => problemOf(await tenants.as(person('operator'), 'GET', one))));
      const plain = ({ detail, instance, requestId, ...rest }: NonNullable<typeof hidden>) => rest;
      expect(hidden && plain(hidden)).toEqual(absent && plain(absent));
      expect(hidden?.detail.replace(/"[^"]+"|[0-9A-Z]{26}/, '')).toBe(absent?.detail.replace(/"[^"]+"|[0-9A-Z]{26}/, ''));
    }
  });

  it('lists what the caller may see and nothing else', async () => {
    const seen = async (who: Who): Promise<unknown> => {
      const [found, jobs] = await Promise.all([pageOf(await tenants.as(who, 'GET', '/clusters'), clusterViewSchema), pageOf(await tenants.as(who, 'GET', '/jobs?limit=200'), jobViewSchema)]);
      const names = found.items.map(({ name }) => name);
      return { names, jobsOf: [...new Set(jobs.items.filter(({ kind }) => kind !== 'preview').map(({ cluster }) => cluster))].sort() };
    };
    expect(await seen(person('viewer'))).toEqual({ names: [own.name], jobsOf: [own.name] });
    expect(await seen(person('stranger'))).toEqual({ names: [foreign.name], jobsOf: [foreign.name] });
    expect(await seen(person('everything'))).toEqual({ names: [foreign.name, own.name], jobsOf: [foreign.name, own.name] });
    expect((await pageOf(await tenants.as(person('viewer'), 'GET', '/clusters?owner=search'), clusterViewSchema)).items).toEqual([]);
  });

  it('takes a cluster to another owner only from who is an operator of both', async () => {
    expect(await problemOf(await tenants.as(person('operator'), 'PATCH', `/clusters/${own.name}?dryRun=true`, { owner: 'search' }))).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await tenants.as(person('everything'), 'PATCH', `/clusters/${own.name}?dryRun=true`, { owner: 'search' })).status).toBe(202);
  });

  it('shows jobs of an earlier cluster of the same name to its owner alone', async () => {
    const first = await ownedCluster(tenants, 'handed', 'search');
    const deletion = await jobOf(await tenants.as(person('stranger'), 'DELETE', '/clusters/handed').then(async (answer) => new Response(JSON.stringify((await submissionOf(answer)).job))));
    await tenants.api.finish(deletion.id, { change: 'gone' });
    const second = await ownedCluster(tenants, 'handed', 'payments');
    const jobsSeen = async (who: Who): Promise<string[]> => (await pageOf(await tenants.as(who, 'GET', '/clusters/handed/jobs'), jobViewSchema)).items.map((job) => job.id);
    expect(await jobsSeen(person('viewer'))).toEqual([second.job]);
    expect((await tenants.as(person('viewer'), 'GET', `/jobs/${first.job}`)).status).toBe(404);
    expect((await tenants.as(person('stranger'), 'GET', `/jobs/${first.job}`)).status).toBe(200);
    expect((await tenants.as(person('stranger'), 'GET', '/clusters/handed/jobs')).status).toBe(404);
  });

  it('writes into the job who asked for it', async () => {
    expect(await jobOf(await tenants.as(person('viewer'), 'GET', `/jobs/${own.job}`))).toMatchObject({ requestedBy: 'operator@tenant.example' });
  });

  it('keeps one caller\'s idempotency keys from another', async () => {
    const send = (who: Who, name: string, owner: string) => tenants.as(who, 'POST', '/clusters', request(name, { owner }), { 'idempotency-key': 'the same' });
    expect((await submissionOf(await send(person('operator'), 'first-key', 'payments'))).cluster.name).toBe('first-key');
    expect((await submissionOf(await send(person('stranger'), 'second-key', 'search'))).cluster.name).toBe('second-key');
  });
});

describe('the quota of an owner', () => {
  const bounded = (name: string, more: Record<string, unknown> = {}) => tenants.as(person('everything'), 'POST', '/clusters', request(name, { owner: 'bounded', ...more }));
  const pool = (maxNodes: number, machineType = 'm7i.large') => ({ nodePools: [{ name: 'general', machineType, minNodes: 1, maxNodes, diskGiB: 100 }] });

  it('refuses everything that goes beyond it at once, with pointers, and changes nothing', async () => {
    const problem = await problemOf(await bounded('too-much', { region: 'eu-central-1', template: 'hardened', ...pool(40, 'm7i.4xlarge') }));
    expect(problem).toMatchObject({ status: 422, code: 'owner-quota-exceeded' });
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/nodePools', '/nodePools/0/machineType', '/region', '/template']);
    expect((await tenants.as(person('everything'), 'GET', '/clusters/too-much')).status).toBe(404);
  });

  it('is held when many ask at once', async () => {
    const statuses = await Promise.all(Array.from({ length: 10 }, async (_, index) => (await bounded(`bounded-${index}`, pool(5))).status));
    expect(statuses.filter((status) => status === 202)).toHaveLength(2);
    expect(statuses.filter((status) => status === 422)).toHaveLength(8);
  });

  it('bounds a pool that grows, and lets one shrink', async () => {
    const { items } = await pageOf(await tenants.as(person('everything'), 'GET', '/clusters?owner=bounded'), clusterViewSchema);
    const name = z.string().parse(items[0]?.name);
    await tenants.api.finish(z.string().parse(items[0]?.lastJob?.id));
    // 8 of the other, 3 control planes, and 20 make 31.
    expect(await problemOf(await tenants.as(person('everything'), 'PATCH', `/clusters/${name}`, pool(20)))).toMatchObject({ code: 'owner-quota-exceeded', errors: [{ pointer: '/nodePools' }] });
    expect(await clusterOf(await tenants.as(person('everything'), 'GET', `/clusters/${name}`))).toMatchObject({ state: 'ready', version: 3 });
    expect((await tenants.as(person('everything'), 'PATCH', `/clusters/${name}`, pool(19))).status).toBe(202);
  });
});
