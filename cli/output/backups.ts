import type { Backup } from '../../client/index.js';
import { columns } from './table.js';

/** What a cluster can come back to, as a table. */
export function backupList(backups: readonly Backup[]): string {
  return columns(['id', 'time', 'of', 'size', 'holds'], backups.map((backup) => [backup.id, backup.at, backup.of, backup.sizeBytes === null ? '' : `${(backup.sizeBytes / 2 ** 20).toFixed(1)} MiB`, contentsOf(backup)]));
}

/** What a backup holds, in a few words; of one that is not whole, that first. */
export function contentsOf(backup: Backup): string {
  if (backup.of === 'etcd') return `Kubernetes ${backup.kubernetesRelease}`;
  const { state, errors, items, files } = backup;
  const fault = { running: 'not complete yet: ', completed: '', partial: `partial, ${errors} errors: `, failed: `failed, ${errors} errors: ` }[state];
  return `${fault}${items === null ? 'objects' : `${items} objects`}${files ? ' with files of volumes' : ''}`;
}
