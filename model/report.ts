import { z } from 'zod';
import { driftReportSchema } from './drift.js';
import { drillReportSchema } from './drill.js';
import { expiriesReportSchema } from './expiry.js';
import { backupContents } from './job-request.js';
import { readinessReportSchema } from './readiness.js';
import { serviceAccountKeyReportSchema } from './service-account-key.js';

const time = z.iso.datetime();

/** Something to come back to. */
export const backupSchema = z.strictObject({
  /** AWS and Azure alike: the key in the cluster's private store without its ending, for instance `etcd/2026-11-29T10-03-11Z`. */
  id: z.string(),
  /** `etcd`: every object of the cluster, as it was at that moment. */
  of: z.enum(backupContents),
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
export type Backup = z.infer<typeof backupSchema>;

/** The backups that a cluster has, the newest first. */
export const backupsReportSchema = z.strictObject({ kind: z.literal('backups'), at: time, backups: z.array(backupSchema) });

/**
 * What was found out about a cluster, by a job or by the observer. The newest one of each kind is kept with the cluster; a job keeps its own as well.
 */
export const reportSchema = z.discriminatedUnion('kind', [backupsReportSchema, readinessReportSchema, driftReportSchema, drillReportSchema, expiriesReportSchema, serviceAccountKeyReportSchema]);
export type Report = z.infer<typeof reportSchema>;
export type ReportKind = Report['kind'];
export type ReportOf<Kind extends ReportKind> = Extract<Report, { kind: Kind }>;
