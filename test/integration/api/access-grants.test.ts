import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { withGrants } from '../../../model/access-grants.js';
import { auditEntrySchema } from '../../../model/audit.js';
import { newJobId } from '../../../model/ids.js';
import { newJob } from '../../../model/job.js';
import { accessGrantSchema, type AccessGrant } from '../../../model/spec.js';
import { aGrant } from './grants.js';
import { connection } from './harness.js';
import { ownedCluster } from './owned-cluster.js';
import { clusterOf, pageOf, problemOf, submissionOf } from './schemas.js';
import { person, startSignedInApi, type SignedInApi } from './tenants.js';

let tenants: SignedInApi;
beforeAll(async () => { tenants = await startSignedInApi(); });
afterAll(() => tenants.stop());

const grantedSchema = z.object({ job: z.object({ id: z.string(), kind: z.string() }), grant: accessGrantSchema, warnings: z.array(z.object({ code: z.string(), detail: z.string() })) });
const listedSchema = z.object({ items: z.array(accessGrantSchema.extend({ expired: z.boolean() })) });

const otherGroup = '55555555-5555-4555-8555-555555555555';
const pathOf = (name: string): string => `/clusters/${name}/access-grants`;
const ready = (name: string) => ownedCluster(tenants, name, 'payments', { connection });
const ask = (who: string, name: string, body: object, query = '', headers: Record<string, string> = {}) => tenants.as(person(who), 'POST', `${pathOf(name)}${query}`, body, headers);
const granted = async (response: Response) => grantedSchema.parse(await response.json());
const listed = async (name: string) => listedSchema.parse(await (await tenants.as(person('viewer'), 'GET', pathOf(name))).json()).items;
const grantsOf = async (name: string): Promise<readonly AccessGrant[]> => (await tenants.api.store.getCluster(name))?.spec.access.grants ?? [];

/** Gives a cluster these grants as an earlier day's update would have. */
async function hadGrants(name: string, grants: readonly AccessGrant[]): Promise<void> {
  const { store } = tenants.api;
  const cluster = await store.getCluster(name);
  if (cluster === undefined) throw new Error(`there is no cluster ${name}`);
  const spec = withGrants(cluster.spec, grants);
  const job = newJob({
    id: newJobId(), cluster: name, uid: cluster.uid, kind: 'update', simulated: true, requestedBy: 'test', requestId: 'test', createdAt: new Date().toISOString(), spec, intent: { change: 'update', retain: 'none', retryOf: null },
  });
  await store.changeCluster(name, { spec, state: 'updating', job });
  await tenants.api.finish(job.id);
}

it('grants a group a role by an update, lists it with its end, and takes it away by another', async () => {
  await ready('given');
  const first = await granted(await ask('operator', 'given', aGrant('operator', { group: otherGroup })));
  expect(first).toMatchObject({ job: { kind: 'update' }, grant: { id: first.job.id, group: otherGroup, role: 'operator', grantedBy: 'operator@tenant.example' }, warnings: [{ code: 'group-overage' }] });
  expect(await problemOf(await ask('operator', 'given', aGrant('operator')))).toMatchObject({ status: 409, code: 'operation-in-progress' });
  await tenants.api.finish(first.job.id);
  const second = await granted(await ask('operator', 'given', aGrant('operator')));
  await tenants.api.finish(second.job.id);
  expect(await listed('given')).toEqual([{ ...first.grant, expired: false }, { ...second.grant, expired: false }]);

  const { cluster, job } = await submissionOf(await tenants.as(person('operator'), 'DELETE', `${pathOf('given')}/${first.grant.id}`));
  expect(job.kind).toBe('update');
  expect(cluster.spec.access.grants).toEqual([second.grant]);
  await tenants.api.finish(job.id);
  expect(await problemOf(await tenants.as(person('operator'), 'DELETE', `${pathOf('given')}/${first.grant.id}`))).toMatchObject({ status: 404, code: 'grant-not-found' });
});

it('grants nothing by a dry run, which says what there is to know beforehand', async () => {
  await ready('asked-first');
  const { job, warnings } = await granted(await ask('operator', 'asked-first', aGrant('operator'), '?dryRun=true'));

  expect(job.kind).toBe('preview');
  expect(warnings[0]?.detail).toContain('44444444-4444-4444-8444-444444444444');
  expect(await listed('asked-first')).toEqual([]);
  expect((await tenants.api.store.getJob(job.id))?.spec.access.grants).toHaveLength(1);
});

it('answers a repetition with the first grant again', async () => {
  await ready('repeated');
  const body = aGrant('operator');
  const first = await granted(await ask('operator', 'repeated', body, '', { 'idempotency-key': 'a-grant' }));
  await tenants.api.finish(first.job.id);
  expect(await granted(await ask('operator', 'repeated', body, '', { 'idempotency-key': 'a-grant' }))).toMatchObject({ grant: first.grant, warnings: first.warnings });
  expect(await grantsOf('repeated')).toHaveLength(1);
});

it('takes the role admin from admins of the owner only', async () => {
  await ready('guarded');
  expect(await problemOf(await ask('operator', 'guarded', aGrant('admin')))).toMatchObject({ status: 403, code: 'forbidden' });
  expect((await ask('admin', 'guarded', aGrant('admin'))).status).toBe(202);
});

it('refuses what is wrong with every pointer, and a cluster that has no control plane', async () => {
  await ready('checked');
  const problem = await problemOf(await ask('operator', 'checked', { ...aGrant('developer', { namespaces: ['missing'] }), until: '2020-01-01T00:00:00Z', reason: '' }));
  expect(problem).toMatchObject({ status: 422, code: 'invalid-body' });
  expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/namespaces/0', '/reason', '/until']);
  await ownedCluster(tenants, 'never-up', 'payments');
  expect(await problemOf(await ask('operator', 'never-up', aGrant('operator')))).toMatchObject({ status: 409, code: 'cluster-not-ready' });
});

it('tells in the audit trail who granted and revoked what, until when and why', async () => {
  await ready('audited');
  const { job, grant } = await granted(await ask('operator', 'audited', aGrant('operator')));
  await tenants.api.finish(job.id);
  await ask('operator', 'audited', aGrant('operator', { group: otherGroup }), '?dryRun=true');
  await tenants.as(person('operator'), 'DELETE', `${pathOf('audited')}/${grant.id}`);

  const trail = (await pageOf(await tenants.as(person('everything'), 'GET', '/audit?cluster=audited'), auditEntrySchema)).items;
  expect(trail.map(({ caller, operation, access }) => [caller?.name, operation, access])).toEqual([
    ['operator@tenant.example', 'revokeAccess', { change: 'revoked', grants: [grant] }],
    ['operator@tenant.example', 'grantAccess', undefined],
    ['operator@tenant.example', 'grantAccess', { change: 'granted', grants: [grant] }],
    ['operator@tenant.example', 'createCluster', undefined],
  ]);
});

it('keeps grants over other changes as long as they hold, and lets those whose time has passed go with the next one', async () => {
  await ready('kept');
  const grant = { group: '44444444-4444-4444-8444-444444444444', role: 'operator' as const, reason: 'Incident 4711', grantedBy: 'ann', grantedAt: '2026-01-01T00:00:00.000Z' };
  const over = { ...grant, id: newJobId(), until: '2026-01-02T00:00:00Z' };
  const holds = { ...grant, id: newJobId(), group: otherGroup, until: `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z` };
  await hadGrants('kept', [over, holds]);

  expect((await listed('kept')).map(({ id, expired }) => [id, expired])).toEqual([[over.id, true], [holds.id, false]]);
  expect(await problemOf(await tenants.as(person('operator'), 'PATCH', '/clusters/kept', { access: { grants: [] } }))).toMatchObject({ code: 'immutable-field', errors: [{ pointer: '/access/grants' }] });
  const { job, cluster } = await submissionOf(await tenants.as(person('operator'), 'PATCH', '/clusters/kept', { labels: { team: 'a' } }));
  expect(cluster.spec.access.grants).toEqual([holds]);
  await tenants.api.finish(job.id);

  await hadGrants('kept', [over]);
  expect((await clusterOf(await tenants.as(person('viewer'), 'GET', '/clusters/kept'))).spec.access.grants).toEqual([over]);
  expect((await granted(await ask('operator', 'kept', aGrant('operator')))).grant.role).toBe('operator');
  expect((await grantsOf('kept')).map(({ id }) => id)).not.toContain(over.id);
});
