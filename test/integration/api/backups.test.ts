import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backup } from '../../../model/report.js';
import { connection, request } from './harness.js';
import { ownedCluster } from './owned-cluster.js';
import { problemOf, submissionOf } from './schemas.js';
import { person, startSignedInApi, type SignedInApi } from './tenants.js';

const from = 'velero/velero-daily-20261129021700';
const kept: Backup = {
  id: from, of: 'objects', at: '2026-11-29T02:17:00Z', state: 'completed', errors: 0, sizeBytes: null, includedNamespaces: ['*'], excludedNamespaces: ['monitoring'], items: 9, files: true, expiresAt: '2126-12-29T02:17:00Z',
};
const etcd: Backup = { id: 'etcd/2026-11-29T10-03-11Z', of: 'etcd', at: '2026-11-29T10:03:11Z', sizeBytes: 1, sha256: '', kubernetesRelease: '1.35.0', members: ['cp-1'] };

let tenants: SignedInApi;
beforeAll(async () => { tenants = await startSignedInApi(); });
afterAll(() => tenants.stop());

/** A cluster with these backups. */
async function saved(name: string, owner: 'payments' | 'search', backups: Backup[] = [etcd, kept]): Promise<void> {
  await ownedCluster(tenants, name, owner, { connection });
  const cluster = await tenants.api.store.getCluster(name);
  await tenants.api.store.report(name, cluster?.uid ?? '', { kind: 'backups', at: '2026-11-29T10:30:00.000Z', backups });
}
const send = (method: string, path: string, body?: unknown): Promise<Response> => tenants.as(person('operator'), method, path, body);

describe('backups', () => {
  it('are those of etcd and those of objects, each with what it holds', async () => {
    await saved('listed', 'payments');
    expect(await (await send('GET', '/clusters/listed/backups')).json()).toEqual({ items: [etcd, kept], observedAt: '2026-11-29T10:30:00.000Z' });
  });

  it('are made of etcd, or of what is asked for, which needs Velero', async () => {
    await saved('saving', 'payments');
    const { cluster, job } = await submissionOf(await send('POST', '/clusters/saving/backups', { of: ['objects'] }));
    expect([cluster.state, job.kind, job.phases.map(({ name }) => name)]).toEqual(['ready', 'backup', ['preflight', 'backup']]);
    await tenants.api.finish(job.id);

    await submissionOf(await send('POST', '/clusters', request('without', { owner: 'payments', platform: { backup: 'none' } }))).then(({ job: { id } }) => tenants.api.finish(id, { change: { connection } }));
    expect(await problemOf(await send('POST', '/clusters/without/backups', { of: ['etcd', 'objects'] }))).toMatchObject({ status: 422, code: 'invalid-body', errors: [{ pointer: '/of/1' }] });
    expect((await send('POST', '/clusters/without/backups')).status).toBe(202);
  });
});

describe('bringing objects back', () => {
  it('is a job of its own, from which the other job is told by the backup', async () => {
    await saved('target', 'payments');
    await saved('source', 'payments');

    const { cluster, job } = await submissionOf(await send('POST', '/clusters/target/restore', { from, sourceCluster: 'source', namespaces: ['payments'] }));

    expect([cluster.state, job.kind, job.phases.map(({ name }) => name)]).toEqual(['updating', 'restore-objects', ['preflight', 'platform', 'restore-objects', 'verify']]);
    expect((await tenants.api.store.getJob(job.id))?.intent.request).toMatchObject({ kind: 'restore-objects', backup: 'velero-daily-20261129021700', source: { name: 'source', provider: 'aws' }, namespaces: ['payments'], existing: 'keep' });
    await tenants.api.finish(job.id);
    const whole = await submissionOf(await send('POST', '/clusters/target/restore', { from: etcd.id }));
    expect(whole.job.kind).toBe('restore');
    await tenants.api.finish(whole.job.id);
  });

  it('has every fault told at once, and a cluster of somebody else told from none by nothing', async () => {
    await saved('own', 'payments');
    await saved('foreign', 'search');
    const faults = async (body: unknown): Promise<unknown> => (await problemOf(await send('POST', '/clusters/own/restore', body))).errors;

    expect(await faults({ from: 'velero/gone', namespaces: ['velero', 'payments'], existing: 'never' })).toMatchObject([{ pointer: '/namespaces/0' }, { pointer: '/existing' }]);
    expect(await faults({ from: 'velero/gone', namespaces: ['velero', 'payments'] })).toMatchObject([{ pointer: '/namespaces/0' }]);
    expect(await faults({ from: 'velero/gone', namespaces: ['payments'] })).toMatchObject([{ pointer: '/from' }]);
    expect(await faults({ from, sourceCluster: 'foreign', namespaces: ['payments'] })).toEqual(await faults({ from, sourceCluster: 'missing', namespaces: ['payments'] }));
    expect(await faults({ from, sourceCluster: 'foreign', namespaces: ['payments'] })).toMatchObject([{ pointer: '/sourceCluster' }]);
    // Who may do it to both owners' clusters does not bring what one has into the other.
    expect(await problemOf(await tenants.as(person('everything'), 'POST', '/clusters/own/restore', { from, sourceCluster: 'foreign', namespaces: ['payments'] }))).toMatchObject({ code: 'invalid-body', errors: [{ pointer: '/sourceCluster' }] });
  });

  it('waits for a change that was left in the middle, but for one of its own', async () => {
    await saved('broken', 'payments');
    const { job } = await submissionOf(await send('POST', '/clusters/broken/repair'));
    await tenants.api.finish(job.id, { change: { state: 'failed' } });
    expect(await problemOf(await send('POST', '/clusters/broken/restore', { from, namespaces: ['payments'] }))).toMatchObject({ status: 409, code: 'cluster-incomplete' });
  });
});
