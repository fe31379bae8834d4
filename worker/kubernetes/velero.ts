import { z } from 'zod';
import { objectsBackupPrefix } from '../../model/objects-backup.js';
import type { ObjectsBackup } from '../../model/report.js';
import { addonServiceAccounts } from '../../programs/service-accounts.js';
import type { ClusterSpec, Provider } from '../../model/spec.js';
import type { KubernetesClient } from './client.js';

/** What Velero does when it is asked to by an object. https://velero.io/docs/v1.18/api-types/ */
export type VeleroKind = 'Backup' | 'Restore';
const plurals: Readonly<Record<VeleroKind, string>> = { Backup: 'backups', Restore: 'restores' };

const count = z.int().default(0);

/** How far it has come with one. */
const statusSchema = z.object({
  phase: z.string().optional(),
  errors: count,
  warnings: count,
  failureReason: z.string().optional(),
  validationErrors: z.array(z.string()).default([]),
  progress: z.object({ totalItems: count, itemsBackedUp: z.int().optional(), itemsRestored: z.int().optional() }).optional(),
});

const runSchema = z.object({ status: statusSchema.optional() });
export type VeleroStatus = z.infer<typeof statusSchema>;

const backupSchema = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string() }),
  spec: z.object({ includedNamespaces: z.array(z.string()).nullish(), excludedNamespaces: z.array(z.string()).nullish(), defaultVolumesToFsBackup: z.boolean().nullish() }),
  status: statusSchema.extend({ startTimestamp: z.string().nullish(), expiration: z.string().nullish() }).optional(),
});

/** Phases in which Velero has ended with something. All others are on the way there. https://velero.io/docs/v1.18/api-types/backup/ */
const ended: Readonly<Record<string, ObjectsBackup['state']>> = { Completed: 'completed', PartiallyFailed: 'partial', Failed: 'failed', FailedValidation: 'failed' };

/** What became of it; undefined as long as Velero is at it. */
export function endOf(status: VeleroStatus | undefined): Exclude<ObjectsBackup['state'], 'running'> | undefined {
  const state = ended[status?.phase ?? ''];
  return state === 'running' ? undefined : state;
}

/** Path of one of Velero's objects, or, without a name, of all of them. */
export function veleroPath(provider: Provider, kind: VeleroKind, name?: string): string {
  return `/apis/velero.io/v1/namespaces/${addonServiceAccounts[provider].velero.namespace}/${plurals[kind]}${name === undefined ? '' : `/${name}`}`;
}

/** How far Velero is with something; undefined where it was never asked for. */
export async function veleroRun(client: KubernetesClient, path: string): Promise<{ readonly status?: VeleroStatus | undefined } | undefined> {
  return client.object(path, runSchema);
}

/** The backups that Velero keeps, but for those that it is deleting; undefined where the cluster has no Velero. */
export async function veleroBackups(client: KubernetesClient, { provider }: Pick<ClusterSpec, 'provider'>): Promise<Omit<ObjectsBackup, 'sizeBytes'>[] | undefined> {
  const found = await client.objects(veleroPath(provider, 'Backup'), backupSchema);
  return found?.filter(({ status }) => status?.phase !== 'Deleting').map(({ metadata, spec, status }) => ({
    id: objectsBackupPrefix + metadata.name,
    of: 'objects',
    at: status?.startTimestamp ?? metadata.creationTimestamp,
    state: endOf(status) ?? 'running',
    errors: status?.errors ?? 0,
    includedNamespaces: spec.includedNamespaces?.length ? spec.includedNamespaces : ['*'],
    excludedNamespaces: spec.excludedNamespaces ?? [],
    items: status?.progress?.totalItems ?? null,
    files: spec.defaultVolumesToFsBackup === true,
    expiresAt: status?.expiration ?? null,
  }));
}
