import type { Backup } from '../../client/index.js';
import { columns } from './table.js';

/** What a cluster can come back to, as a table. */
export function backupList(backups: readonly Backup[]): string {
  return columns(['id', 'time', 'holds', 'size', 'kubernetes'], backups.map(({ id, at, of, sizeBytes, kubernetesRelease }) => [id, at, of, `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`, kubernetesRelease]));
}
