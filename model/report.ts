import { z } from 'zod';
import { driftReportSchema } from './drift.js';
import { drillReportSchema } from './drill.js';
import { expiriesReportSchema } from './expiry.js';
import { machineImagesReportSchema } from './machine-images.js';
import { readinessReportSchema } from './readiness.js';
import { serviceAccountKeyReportSchema } from './service-account-key.js';

const time = z.iso.datetime();

/** A snapshot of etcd: something that a cluster as a whole can come back to. */
const etcdBackupSchema = z.strictObject({
  /** AWS and Azure alike: the key in the cluster's private store without its ending, for instance `etcd/2026-11-29T10-03-11Z`. */
  id: z.string(),
  /** `etcd`: every object of the cluster, as it was at that moment. */
  of: z.literal('etcd'),
  at: time,
  /** Of what lies in the store, packed. */
  sizeBytes: z.int(),
  /** Of the same, in hex. */
  sha256: z.string(),
  /** Release of Kubernetes that it comes from. */
  kubernetesRelease: z.string(),
  /** Of etcd, by the names of their nodes: it can be put back on these only. */
  members: z.array(z.string()),
});
export type EtcdBackup = z.infer<typeof etcdBackupSchema>;

/** What Velero has saved: something that namespaces can come back from. */
const objectsBackupSchema = z.strictObject({
  /** AWS and Azure alike: `velero/` and its name, for instance `velero/velero-daily-20261129021700`. */
  id: z.string(),
  /** `objects`: those of some namespaces, and the files of their volumes where `files` says so. */
  of: z.literal('objects'),
  /** When it was begun. */
  at: time,
  state: z.enum(['running', 'completed', 'partial', 'failed']).describe('`partial`: something could not be saved, all else can be restored. `failed`: of no use'),
  /** Errors while it was saved. */
  errors: z.int(),
  sizeBytes: z.int().nullable().describe('Of what lies in the store under its name, packed: objects and logs. Files of volumes lie elsewhere, shared with other backups, and are not counted. Null where the store has not told. Velero keeps no checksum'),
  includedNamespaces: z.array(z.string()).describe('Namespaces that it holds, `*` for all, but for those that were left out'),
  excludedNamespaces: z.array(z.string()),
  /** Objects in it; null as long as that is not known. */
  items: z.int().nullable(),
  files: z.boolean().describe('Whether the files of volumes are in it: without them a claim comes back empty'),
  expiresAt: time.nullable().describe('When Velero deletes it'),
});
export type ObjectsBackup = z.infer<typeof objectsBackupSchema>;

/** Something to come back to. */
export const backupSchema = z.discriminatedUnion('of', [etcdBackupSchema, objectsBackupSchema]).meta({ id: 'Backup' });
export type Backup = z.infer<typeof backupSchema>;

/** The backups that a cluster has, the newest first. */
export const backupsReportSchema = z.strictObject({ kind: z.literal('backups'), at: time, backups: z.array(backupSchema) });

/**
 * What was found out about a cluster, by a job or by the observer. The newest one of each kind is kept with the cluster; a job keeps its own as well.
 */
export const reportSchema = z.discriminatedUnion('kind', [backupsReportSchema, readinessReportSchema, driftReportSchema, drillReportSchema, expiriesReportSchema, serviceAccountKeyReportSchema, machineImagesReportSchema]);
export type Report = z.infer<typeof reportSchema>;
export type ReportKind = Report['kind'];
export type ReportOf<Kind extends ReportKind> = Extract<Report, { kind: Kind }>;
