import { createHash } from 'node:crypto';

/** Ids of backups that Velero has made begin with this: `velero/velero-daily-20261129021700`. */
export const objectsBackupPrefix = 'velero/';

/** Where Velero keeps in a cluster's private store what it saves: objects, and the files of volumes. */
export const veleroFolders = { backups: 'velero/backups/', repositories: 'velero/kopia/' } as const;

/** A name as the value of a label, which has 63 characters at most, as Velero shortens it. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/label/label.go */
export function veleroLabelValue(name: string): string {
  return name.length <= 63 ? name : name.slice(0, 57) + createHash('sha256').update(name).digest('hex').slice(0, 6);
}
