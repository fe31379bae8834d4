import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Backup } from '../../../model/report.js';
import { connection, request } from './harness.js';
import { ownedCluster } from './owned-cluster.js';
import { problemOf, submissionOf } from './schemas.js';
import { person, startSignedInApi, type SignedInApi } from './tenants.js';

const nightly: Backup = {
  id: 'velero/velero-daily-20261129021700', of: 'objects', at: '2026-11-29T02:17:00Z', state: 'completed', errors: 0, sizeBytes: null, includedNamespaces: ['*'], excludedNamespaces: ['monitoring'], items: 9, files: true, expiresAt: '2126-12-29T02:17:00Z',
};
const drillsSchema = z.object({ items: z.array(z.object({ job: z.string(), of: z.string(), cluster: z.string().nullable(), state: z.string() })), nextCursor: z.string().nullable() });

let tenants: SignedInApi;
beforeAll(async () => { tenants = await startSignedInApi(); });
afterAll(() => tenants.stop());

const send = (method: string, path: string, body?: unknown, as: Parameters<typeof person>[0] = 'operator', headers: Record<string, string> = {}): Promise<Response> => tenants.as(person(as), method, path, body, headers);
async function saved(name: string, backups: Backup[] = [nightly]): Promise<void> {
  await ownedCluster(tenants, name, 'payments', { connection });
  await tenants.api.store.report(name, (await tenants.api.store.getCluster(name))?.uid ?? '', { kind: 'backups', at: '2026-11-29T10:30:00.000Z', backups });
}

describe('a drill', () => {
  it('is one of etcd, beside the cluster, where nothing else is said', async () => {
    await saved('plain');
    const { cluster, job } = await submissionOf(await send('POST', '/clusters/plain/drills'));
    expect([cluster.name, job.kind]).toEqual(['plain', 'drill']);
    await tenants.api.finish(job.id);
    const said = await submissionOf(await send('POST', '/clusters/plain/drills', { of: 'etcd' }));
    expect(said.job.kind).toBe('drill');
    await tenants.api.finish(said.job.id);
  });

  it('of a whole cluster is a job of one that is made for it, while the first goes on with what it is at', async () => {
    await saved('shop');
    const repair = await submissionOf(await send('POST', '/clusters/shop/repair'));

    const answer = await send('POST', '/clusters/shop/drills', { of: 'cluster', in: { nodePools: [{ name: 'general', minNodes: 1 }] } });
    const { cluster, job } = await submissionOf(answer);

    expect(cluster.name).toMatch(/^drill-[a-z0-9]{8}$/);
    expect(cluster).toMatchObject({ state: 'provisioning', spec: { owner: 'payments', labels: { 'drill-of': 'shop' } } });
    expect([job.kind, job.cluster, job.phases.at(-1)?.name]).toEqual(['cluster-drill', cluster.name, 'scan']);
    expect(await tenants.api.store.getJob(job.id)).toMatchObject({ intent: { retain: 'none', request: { backup: 'velero-daily-20261129021700', source: { name: 'shop' } } } });
    await tenants.api.finish(repair.job.id);
    const etcd = await submissionOf(await send('POST', '/clusters/shop/drills'));

    const listed = drillsSchema.parse(await (await send('GET', '/clusters/shop/drills')).json());
    expect(listed.items).toMatchObject([{ job: etcd.job.id, of: 'etcd', cluster: null }, { job: job.id, of: 'cluster', cluster: cluster.name }]);
    const first = drillsSchema.parse(await (await send('GET', '/clusters/shop/drills?limit=1')).json());
    const second = drillsSchema.parse(await (await send('GET', `/clusters/shop/drills?limit=1&cursor=${first.nextCursor ?? ''}`)).json());
    expect([...first.items, ...second.items].map((one) => one.job)).toEqual([etcd.job.id, job.id]);
    await tenants.api.finish(etcd.job.id);
    await tenants.api.finish(job.id, { change: 'gone' });
    expect((await send('GET', `/clusters/${cluster.name}`)).status).toBe(404);
    expect(drillsSchema.parse(await (await send('GET', '/clusters/shop/drills')).json()).items.at(-1)).toMatchObject({ job: job.id, state: 'succeeded' });
  });

  it('is begun once by requests of one key, and not by who may only look', async () => {
    await saved('once');
    const key = { 'Idempotency-Key': 'the-drill' };
    const [first, second] = [await submissionOf(await send('POST', '/clusters/once/drills', { of: 'cluster' }, 'operator', key)), await submissionOf(await send('POST', '/clusters/once/drills', { of: 'cluster' }, 'operator', key))];
    expect(second.job.id).toBe(first.job.id);
    expect(second.cluster.name).toBe(first.cluster.name);
    expect(await problemOf(await send('POST', '/clusters/once/drills', { of: 'cluster' }, 'viewer'))).toMatchObject({ status: 403 });
    expect((await send('POST', '/clusters/once/drills', { of: 'cluster' }, 'stranger')).status).toBe(404);
    expect(await problemOf(await send('POST', '/clusters/once/drills', { of: 'cluster' }, 'operator', { 'If-Match': '"99"' }))).toMatchObject({ status: 412 });
  });

  it('has every fault told at once', async () => {
    await saved('unsaved', []);
    const pointers = async (name: string, body: unknown): Promise<string[]> => {
      const { status, code, errors = [] } = await problemOf(await send('POST', `/clusters/${name}/drills`, body));
      expect([status, code]).toEqual([422, 'invalid-body']);
      return errors.map(({ pointer }) => pointer).sort();
    };
    expect(await pointers('unsaved', { of: 'cluster', in: { region: 'nowhere', colour: 'red', name: 'mine' } })).toEqual(['/in/colour', '/in/region', '/of']);
    expect(await pointers('unsaved', { of: 'objects', in: 3, when: 'now' })).toEqual(['/in', '/of', '/when']);
    expect(await pointers('unsaved', { in: {} })).toEqual(['/in']);
    const { job } = await submissionOf(await send('POST', '/clusters', request('bare', { owner: 'payments', platform: { backup: 'none' } })));
    await tenants.api.finish(job.id, { change: { connection } });
    expect(await pointers('bare', { of: 'cluster' })).toEqual(['/of']);
  });
});
