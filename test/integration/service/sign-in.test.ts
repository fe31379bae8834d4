import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { auditRecordSchema } from '../../../model/audit.js';
import { EntraSandbox } from '../../support/entra-sandbox.js';
import { Portal, shortRequest } from '../../support/portal.js';
import { startTestService, type RunningService } from '../../support/service.js';

const tenant = '00000000-0000-4000-8000-0000000000aa';
const audience = '00000000-0000-4000-8000-0000000000ab';
const portal = '00000000-0000-4000-8000-0000000000ac';

let entra: EntraSandbox;
let service: RunningService;
let folder: string;
beforeAll(async () => {
  entra = await EntraSandbox.start();
  await entra.call('PUT', `/entra/tenants/${tenant}`, {
    displayName: 'Portals', applications: [{ id: portal, servicePrincipalId: '00000000-0000-4000-8000-0000000000ad', displayName: 'portal', secret: 'secret-of-the-portal', roles: { [audience]: ['Portal'] } }],
  });
  folder = await mkdtemp(path.join(tmpdir(), 'sign-in-'));
  const tenancy = path.join(folder, 'tenancy.yaml');
  await writeFile(tenancy, stringify({ grants: [{ applicationRole: 'Portal', role: 'operator', owners: ['payments'] }], quotas: { payments: { clusters: 1 } } }));
  service = await startTestService({
    CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_ENTRA_TENANT: tenant, CLUSTERWRIGHT_ENTRA_AUDIENCE: audience, CLUSTERWRIGHT_ENTRA_AUTHORITY: entra.authority, CLUSTERWRIGHT_TENANCY: tenancy,
  });
});
afterAll(async () => {
  await service.stop();
  await entra.stop();
  await rm(folder, { recursive: true });
});

it('takes a portal\'s cluster from its token to ready and away again, within its quota, and keeps who asked', async () => {
  const { body } = await entra.post(tenant, 'token', { grant_type: 'client_credentials', client_id: portal, client_secret: 'secret-of-the-portal', scope: `${audience}/.default` });
  const token = String(body['access_token']);
  const caller = new Portal(service, { authorization: `Bearer ${token}` });
  const stranger = new Portal(service);

  expect((await stranger.send('POST', '/clusters', shortRequest('signed-in'))).status).toBe(401);
  expect((await caller.send('POST', '/clusters', shortRequest('signed-in'))).status).toBe(403);
  const created = await caller.change('POST', '/clusters', { ...shortRequest('signed-in'), owner: 'payments' });
  expect(created).toMatchObject({ state: 'succeeded', requestedBy: portal });
  expect((await caller.send('POST', '/clusters', { ...shortRequest('second'), owner: 'payments' })).status).toBe(422);
  expect(await caller.change('DELETE', '/clusters/signed-in?retain=none')).toMatchObject({ state: 'succeeded' });

  const lines = (await readFile(path.join(service.home, 'audit.jsonl'), 'utf8')).trim().split('\n').map((line) => auditRecordSchema.parse(JSON.parse(line)));
  expect(lines.map(({ caller: who, operation, outcome, status }) => [who?.name ?? null, operation, outcome, status])).toEqual([
    [null, 'createCluster', 'refused', 401], [portal, 'createCluster', 'refused', 403], [portal, 'createCluster', 'done', 202], [portal, 'createCluster', 'failed', 422], [portal, 'deleteCluster', 'done', 202],
  ]);
  const [, , signature = ''] = token.split('.');
  expect(signature.length).toBeGreaterThan(100);
  expect(service.output() + JSON.stringify(lines)).not.toContain(signature);
});
