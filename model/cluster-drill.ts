import type { ClusterRecord } from './cluster.js';
import type { Fault } from './errors.js';
import type { JobRequest } from './job-request.js';
import type { Json } from './merge-patch.js';
import { objectsBackupPrefix } from './objects-backup.js';
import type { Backup, ObjectsBackup } from './report.js';
import type { ResolveContext } from './resolve.js';
import type { ClusterSpec } from './spec.js';
import { resolveThrowAway, throwAwayName } from './throw-away.js';

/** What a drill of a whole cluster is asked for with. */
export interface ClusterDrillWish {
  /** The cluster that it is a drill of, and what it can come back to. */
  readonly source: Pick<ClusterRecord, 'name' | 'uid' | 'spec'>;
  readonly backups: readonly Backup[];
  /** Of the cluster that is made for it. */
  readonly uid: string;
  /** Over that cluster's spec. */
  readonly patch: Json;
  readonly now: Date;
}

/** A drill as it can be begun: the spec of the cluster that is made for it, and what its job is to do. */
export interface ClusterDrill {
  readonly spec: ClusterSpec;
  readonly request: Extract<JobRequest, { kind: 'cluster-drill' }>;
}

/** Works out a drill of a whole cluster, or tells every fault of the wish for one, with pointers into its request. Pure. */
export function clusterDrillOf({ source, backups, uid, patch, now }: ClusterDrillWish, context: ResolveContext): ClusterDrill | { readonly faults: readonly Fault[] } {
  const { spec, faults } = resolveThrowAway(source.spec, throwAwayName(uid), patch, context);
  const request = clusterDrillRequest(source, backups, now);
  if (source.spec.platform.backup !== 'velero') return { faults: [{ pointer: '/of', detail: '"cluster" needs "velero" as /platform/backup of the spec' }, ...faults] };
  if (request === undefined) return { faults: [{ pointer: '/of', detail: '"cluster" needs a backup of Velero\'s with the files of volumes, and none is known yet' }, ...faults] };
  if (faults.length > 0) return { faults };
  return { spec, request };
}

/** What a drill of a cluster is to do: with what a lost cluster would come back from first, since volumes come back empty from anything else. Undefined where there is no such backup. Pure. */
export function clusterDrillRequest({ name, uid, spec: { provider } }: ClusterDrillWish['source'], backups: readonly Backup[], now: Date): ClusterDrill['request'] | undefined {
  const backup = newestWithFiles(backups, now);
  return backup && { kind: 'cluster-drill', backup: backup.id.slice(objectsBackupPrefix.length), at: new Date(backup.at).toISOString(), source: { name, uid, provider } };
}

function newestWithFiles(backups: readonly Backup[], now: Date): ObjectsBackup | undefined {
  return backups
    .filter((backup): backup is ObjectsBackup => backup.of === 'objects' && backup.files && (backup.state === 'completed' || backup.state === 'partial') && (backup.expiresAt === null || Date.parse(backup.expiresAt) > now.getTime()))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
}
