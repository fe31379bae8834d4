import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { veleroLabelValue } from '../../../model/objects-backup.js';

// What of a backup says whose and which one it is, beside the names of its files. Velero 1.18: pkg/persistence/object_store_layout.go, pkg/controller/backup_sync_controller.go.

/** Labels of Velero's by which files of volumes belong to a backup, and a backup to a schedule of its cluster. */
const [backupLabel, scheduleLabel] = ['velero.io/backup-name', 'velero.io/schedule-name'] as const;

const metadataSchema = z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional(), ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).optional() });

/** The record that Velero keeps of a backup, as far as it is looked at; all else stays as it is. */
const recordSchema = z.looseObject({ kind: z.literal('Backup'), metadata: metadataSchema });
/** Same of the files of one volume. */
const volumeSchema = z.looseObject({ metadata: metadataSchema, spec: z.looseObject({ pod: z.looseObject({ namespace: z.string() }) }) });
export type SavedVolume = z.infer<typeof volumeSchema>;

/** Reads a backup's record. Throws where it is none. */
export function backupRecord(text: string): z.infer<typeof recordSchema> {
  return recordSchema.parse(JSON.parse(text));
}

/** The record of a copy under another name. A schedule that saved it is the other cluster's: with its label, "the newest backup of the schedule" could be this one. */
export function renamedRecord({ metadata: { labels = {}, ownerReferences: _, ...metadata }, ...record }: z.infer<typeof recordSchema>, name: string): object {
  const { [scheduleLabel]: __, ...kept } = labels;
  return { ...record, metadata: { ...metadata, name, labels: kept } };
}

/** Reads which volumes a backup has the files of. */
export function savedVolumes(packed: Buffer): SavedVolume[] {
  return z.array(volumeSchema).nullable().parse(JSON.parse(gunzipSync(packed).toString('utf8'))) ?? [];
}

/** The same for a copy under another name. */
export function renamedVolumes(volumes: readonly SavedVolume[], before: string, name: string): Buffer {
  const renamed = volumes.map(({ metadata, ...volume }) => ({
    ...volume,
    metadata: {
      ...metadata,
      name: metadata.name.startsWith(`${before}-`) ? name + metadata.name.slice(before.length) : metadata.name,
      labels: { ...metadata.labels, [backupLabel]: veleroLabelValue(name) },
      ...(metadata.ownerReferences === undefined ? {} : { ownerReferences: metadata.ownerReferences.map((owner) => (owner.kind === 'Backup' ? { ...owner, name } : owner)) }),
    },
  }));
  return gzipSync(JSON.stringify(renamed));
}

/**
 * What a copy is called: after the cluster that it comes from, so that nobody takes it for the target's own, and both clusters' schedules, which give the same names, cannot meet. A copy has the files of volumes
 * of some namespaces only: one with those of others is another copy.
 */
export function copyName({ name, uid }: { readonly name: string; readonly uid: string }, backup: string, namespaces: readonly string[]): string {
  const of = namespaces.length === 0 ? '' : `.${createHash('sha256').update([...namespaces].sort().join(' ')).digest('hex').slice(0, 6)}`;
  return `${name}-${uid.slice(0, 6)}.${backup}${of}`;
}
