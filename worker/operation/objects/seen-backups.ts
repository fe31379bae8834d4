import { isClusterwrightError } from '../../../model/errors.js';
import { objectsBackupPrefix, veleroFolders } from '../../../model/objects-backup.js';
import type { Backup, EtcdBackup, ObjectsBackup, ReportOf } from '../../../model/report.js';
import type { Cloud } from '../../cloud/index.js';
import { veleroBackups } from '../../kubernetes/velero.js';
import { lookAtCluster, type ClusterLook } from '../kubernetes.js';

/** What of a cluster a look at its backups needs. */
export type BackupsLook = ClusterLook & { readonly cloud: Pick<Cloud, 'etcdSnapshots' | 'store'> };

/** What a cluster can come back to, the newest first. Where its API server does not answer, what was seen of Velero's backups `last` stands. */
export async function seenBackups(look: BackupsLook, last: readonly Backup[] = []): Promise<ReportOf<'backups'>> {
  const [snapshots, objects] = await Promise.all([look.cloud.etcdSnapshots(last.filter(isOfEtcd)), seenObjects(look)]);
  const backups: Backup[] = [...snapshots, ...(objects ?? last.filter((backup) => backup.of === 'objects'))];
  return { kind: 'backups', at: new Date().toISOString(), backups: backups.sort((a, b) => b.at.localeCompare(a.at)) };
}

function isOfEtcd(backup: Backup): backup is EtcdBackup {
  return backup.of === 'etcd';
}

/** Undefined where the API server does not answer. */
async function seenObjects(look: BackupsLook): Promise<ObjectsBackup[] | undefined> {
  if (look.spec.platform.backup !== 'velero' || look.connection === undefined) return [];
  const found = await lookAtCluster(look, async (client) => (await veleroBackups(client, look.spec)) ?? []);
  if (found === undefined || found.length === 0) return found === undefined ? undefined : [];
  const sizes = await sizesOf(look);
  return found.map((backup) => ({ ...backup, sizeBytes: sizes?.get(backup.id) ?? null }));
}

/** How much there is of each; undefined where the account has no right to see it, as with a cluster that was made before this was looked at. */
async function sizesOf({ cloud }: BackupsLook): Promise<Map<string, number> | undefined> {
  const sizes = new Map<string, number>();
  try {
    for (const { key, sizeBytes } of await (await cloud.store()).list(veleroFolders.backups)) {
      const id = objectsBackupPrefix + (key.slice(veleroFolders.backups.length).split('/')[0] ?? '');
      sizes.set(id, (sizes.get(id) ?? 0) + sizeBytes);
    }
    return sizes;
  } catch (error) {
    if (isClusterwrightError(error) && error.code === 'cloud-credentials') return undefined;
    throw error;
  }
}
