/** Ids of backups that Velero has made begin with this: `velero/velero-daily-20261129021700`. */
export const objectsBackupPrefix = 'velero/';

/** Where Velero keeps in a cluster's private store what it saves: objects, and the files of volumes. */
export const veleroFolders = { backups: 'velero/backups/', repositories: 'velero/kopia/' } as const;
