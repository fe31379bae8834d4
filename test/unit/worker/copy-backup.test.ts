import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { copyBackup, type BackupCopy } from '../../../worker/operation/objects/copy-backup.js';
import { StoreInMemory } from '../../support/store-in-memory.js';

const backup = 'velero-daily-20261129021700';
const folder = `velero/backups/${backup}`;
const of = { name: 'payments-prod', uid: 'abc123def456' };

/** Files of a volume in a namespace, as Velero describes them. */
const volume = (namespace: string) => ({
  kind: 'PodVolumeBackup', metadata: { name: `${backup}-x7k2p`, labels: { 'velero.io/backup-name': backup, 'velero.io/backup-uid': 'u' }, ownerReferences: [{ apiVersion: 'velero.io/v1', kind: 'Backup', name: backup, uid: 'u' }] },
  spec: { pod: { kind: 'Pod', namespace, name: 'db-0' }, volume: 'data', backupStorageLocation: 'default' }, status: { snapshotID: 's1' },
});

/** The store of a cluster that has saved `payments` with its files, and `ledger`, which another backup has files of. */
function source(): StoreInMemory {
  return new StoreInMemory({
    [`${folder}/velero-backup.json`]: JSON.stringify({
      kind: 'Backup', apiVersion: 'velero.io/v1', spec: { ttl: '720h0m0s' }, status: { phase: 'Completed' },
      metadata: { name: backup, namespace: 'velero', labels: { 'velero.io/schedule-name': 'velero-daily', team: 'a' }, ownerReferences: [{ apiVersion: 'velero.io/v1', kind: 'Schedule', name: 'velero-daily', uid: 'v' }] },
    }),
    [`${folder}/${backup}.tar.gz`]: 'objects', [`${folder}/${backup}-logs.gz`]: 'logs',
    [`${folder}/${backup}-podvolumebackups.json.gz`]: gzipSync(JSON.stringify([volume('payments'), volume('elsewhere')])),
    'velero/kopia/payments/kopia.repository': '{"uniqueID":"one"}', 'velero/kopia/payments/p1': 'pack', 'velero/kopia/payments/xn0_1': 'index', 'velero/kopia/payments/_log_1': 'log',
    'velero/kopia/ledger/kopia.repository': '{"uniqueID":"two"}',
  });
}

async function copied(from: StoreInMemory, to: StoreInMemory, { namespaces = ['payments', 'ledger'], signal = new AbortController().signal }: Partial<BackupCopy> & { signal?: AbortSignal } = {}): Promise<string> {
  return copyBackup(from, to, { backup, of, namespaces }, { signal, onProgress: () => undefined });
}

describe('a copy of a backup of objects', () => {
  it('has a name that says whose it is, in its record, its files and those of its volumes', async () => {
    const target = new StoreInMemory();

    const name = await copied(source(), target);

    expect(name).toMatch(/^payments-prod-abc123\.velero-daily-20261129021700\.[0-9a-f]{6}$/);
    const copy = `velero/backups/${name}`;
    expect([...target.objects.keys()].sort()).toEqual([
      `${copy}/${name}-logs.gz`, `${copy}/${name}-podvolumebackups.json.gz`, `${copy}/${name}.tar.gz`, `${copy}/velero-backup.json`,
      'velero/kopia/payments/kopia.repository', 'velero/kopia/payments/p1', 'velero/kopia/payments/xn0_1',
    ]);
    expect(JSON.parse(target.objects.get(`${copy}/velero-backup.json`)?.toString() ?? '')).toEqual({
      kind: 'Backup', apiVersion: 'velero.io/v1', spec: { ttl: '720h0m0s' }, status: { phase: 'Completed' }, metadata: { name, namespace: 'velero', labels: { team: 'a' } },
    });
    expect(JSON.parse(gunzipSync(target.objects.get(`${copy}/${name}-podvolumebackups.json.gz`) ?? '').toString())).toMatchObject([
      { metadata: { name: `${name}-x7k2p`, labels: { 'velero.io/backup-name': name }, ownerReferences: [{ kind: 'Backup', name }] }, spec: { pod: { namespace: 'payments' } }, status: { snapshotID: 's1' } },
    ]);
  });

  it('ends a repository with what makes it one, and the whole with the record by which it is found', async () => {
    const target = new StoreInMemory();

    await copied(source(), target);

    const repository = target.written.filter((key) => key.startsWith('velero/kopia/'));
    expect([repository.at(-1), target.written.at(-1)]).toEqual(['velero/kopia/payments/kopia.repository', expect.stringMatching(/velero-backup\.json$/)]);
  });

  it('goes on where it was cut off, and does nothing once it is there', async () => {
    const [from, target] = [source(), new StoreInMemory()];
    const name = await copied(from, target);
    target.objects.delete(`velero/backups/${name}/velero-backup.json`);
    target.objects.delete('velero/kopia/payments/p1');
    target.written.length = 0;

    expect(await copied(from, target)).toBe(name);
    expect(target.written).toEqual(['velero/kopia/payments/p1', `velero/backups/${name}/${name}-podvolumebackups.json.gz`, `velero/backups/${name}/velero-backup.json`]);

    target.written.length = 0;
    expect(await copied(from, target)).toBe(name);
    expect(target.written).toEqual([]);
  });

  it('is another one with the files of other namespaces, and takes none of those that are not asked for', async () => {
    const target = new StoreInMemory();

    const name = await copied(source(), target, { namespaces: ['ledger'] });

    expect(name).toBe('payments-prod-abc123.velero-daily-20261129021700');
    expect([...target.objects.keys()].filter((key) => key.startsWith('velero/kopia/'))).toEqual([]);
  });

  it.each([
    ['a repository of its own', { 'velero/kopia/payments/kopia.repository': '{"uniqueID":"other"}' }],
    ['the same one, which it has gone on with', { 'velero/kopia/payments/kopia.repository': '{"uniqueID":"one"}', 'velero/kopia/payments/p2': 'its own' }],
  ])('is refused before anything is written where the target has %s', async (_, own) => {
    const target = new StoreInMemory(own);

    await expect(copied(source(), target)).rejects.toMatchObject({ code: 'backup-unusable', resource: 'payments' });
    expect(target.written).toEqual([]);
  });

  it('takes a repository that has all of it as it is, whatever the target has added', async () => {
    const target = new StoreInMemory({ ...Object.fromEntries([...source().objects].filter(([key]) => key.startsWith('velero/kopia/payments/'))), 'velero/kopia/payments/p2': 'its own' });

    await copied(source(), target);

    expect(target.written.filter((key) => key.startsWith('velero/kopia/'))).toEqual([]);
  });

  it('tells of a backup that has gone', async () => {
    await expect(copied(new StoreInMemory(), new StoreInMemory())).rejects.toMatchObject({ code: 'backup-unusable', resource: backup });
  });

  it('ends when it is told to', async () => {
    const target = new StoreInMemory();
    const signal = AbortSignal.abort();

    await expect(copied(source(), target, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(target.written).toEqual([]);
  });
});
