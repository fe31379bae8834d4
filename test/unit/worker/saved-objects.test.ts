import { describe, expect, it } from 'vitest';
import { packArchive, type SavedObject } from '../../../sandbox/kubernetes/controllers/velero/archive.js';
import { namespacesOf, savedObjects } from '../../../worker/operation/objects/saved-objects.js';
import { comparisonOf } from '../../../worker/operation/phases/compare-objects.js';
import { StoreInMemory } from '../../support/store-in-memory.js';

const object = (resource: string, kind: string, namespace: string, name: string, more: object = {}): SavedObject => ({ resource, object: { apiVersion: 'v1', kind, metadata: { name, namespace }, ...more } });
const saved: SavedObject[] = [
  object('configmaps', 'ConfigMap', 'payments', 'prices', { data: { tea: '2', coffee: '3' } }),
  object('configmaps', 'ConfigMap', 'payments', 'kube-root-ca.crt', { data: { 'ca.crt': 'of this cluster' } }),
  object('secrets', 'Secret', 'payments', 'card', { data: { pin: 'MTIz' } }),
  object('secrets', 'Secret', 'payments', 'token', { type: 'kubernetes.io/service-account-token', data: { token: 'eA==' } }),
  { resource: 'resourcequotas', object: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'quota', namespace: 'payments', labels: { 'app.kubernetes.io/managed-by': 'clusterwright' } } } },
  object('deployments.apps', 'Deployment', 'orders', 'web'),
  ...['a', 'b'].map((name) => object('pods', 'Pod', 'orders', name)),
  object('events', 'Event', 'orders', 'started'),
  object('secrets', 'Secret', 'kube-system', 'clusterwright-canary'),
  { resource: 'namespaces', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } } },
];
const storeWith = (archive: Buffer): StoreInMemory => new StoreInMemory({ 'velero/backups/nightly/nightly.tar.gz': archive });
const packed = packArchive(saved, new Date());

describe('the objects of a backup', () => {
  it('are those of teams that a drill brings back, and how many it leaves out', async () => {
    const { expected, leftOut } = await savedObjects(storeWith(packed), 'nightly');

    expect([...expected.keys()].sort()).toEqual(['configmaps payments prices', 'deployments.apps orders web', 'secrets payments card']);
    expect(leftOut).toEqual({ pods: 2 });
    expect(namespacesOf({ expected, leftOut })).toEqual(['orders', 'payments']);
  });

  it.each([['is cut off', packed.subarray(0, packed.length / 2)], ['is none', Buffer.from('no archive')], ['has what is no object', packArchive([{ resource: 'secrets', object: { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'payments', name: 'y', labels: 3 } } as never }], new Date())]])('are of no use where the archive %s', async (_, archive) => {
    await expect(savedObjects(storeWith(archive), 'nightly')).rejects.toMatchObject({ code: 'backup-unusable', resource: 'nightly' });
  });

  it('are of no use where there is none', async () => {
    await expect(savedObjects(new StoreInMemory(), 'nightly')).rejects.toMatchObject({ code: 'backup-unusable' });
  });
});

describe('what has come back of a backup', () => {
  it('is compared by name, and ConfigMaps and Secrets by what they hold, in whatever order', async () => {
    const before = await savedObjects(storeWith(packed), 'nightly');
    const again = await savedObjects(storeWith(packArchive([object('configmaps', 'ConfigMap', 'payments', 'prices', { data: { coffee: '3', tea: '2' } }), object('secrets', 'Secret', 'payments', 'card', { data: { pin: 'OTk5' } })], new Date())), 'nightly');

    expect(comparisonOf(before, before.expected, { warnings: 0, errors: 0 })).toEqual({ objects: { expected: 3, found: 3 }, missing: [], different: [], velero: { warnings: 0, errors: 0 }, leftOut: { pods: 2 } });
    expect(comparisonOf(before, again.expected, null)).toEqual({
      objects: { expected: 3, found: 2 },
      missing: [{ resource: 'deployments.apps', namespace: 'orders', expected: 1, found: 0 }],
      different: [{ resource: 'secrets', namespace: 'payments', expected: 1, found: 0 }],
      velero: null, leftOut: { pods: 2 },
    });
  });
});
