import { stateDuring, type ClusterRecord } from '../../model/cluster.js';
import type { Fault } from '../../model/errors.js';
import { faulty } from '../../model/faults.js';
import { restoreRequestSchema, type JobRequest, type RestoreRequest } from '../../model/job-request.js';
import { objectsBackupPrefix } from '../../model/objects-backup.js';
import type { Backup, EtcdBackup, ObjectsBackup } from '../../model/report.js';
import { beginOnCurrent, changeOnCurrent } from '../change.js';
import { checkedBody } from '../http/checked-body.js';
import { operation } from '../operation.js';
import { jobFor } from '../submission.js';
import { acceptedAnswer } from './answers.js';
import { bodyProblems, changeHeaders, changeProblems, clusterParams, requireComplete, requireControlPlane } from './cluster.js';

export const restoreCluster = operation({
  method: 'post',
  path: '/clusters/{name}/restore',
  id: 'restoreCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Take a cluster back to a backup, or bring objects back from one',
  description: 'From `etcd/TIME`: all objects of the cluster become what they were: what was made since is forgotten, what was deleted since is back. etcd is saved first, and its control planes are stopped for a moment; then the cluster is provisioned towards its spec, as by a repair. Where none of its control planes is left, it comes back on new machines. '
    + 'From `velero/NAME`: objects of some namespaces come back, with the files of their volumes, into this cluster or into another of the same owner; nothing else changes. The job has the kind `restore-objects`.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to come back to', schema: restoreRequestSchema.meta({ id: 'RestoreRequest' }) },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready', 'cluster-incomplete'],
  async handle(call, context) {
    const asked = checkedBody(restoreRequestSchema, call.body);
    const { params: { name } } = call;
    if (!asked.from.startsWith(objectsBackupPrefix)) {
      const backups = (await context.store.getReport(name, 'backups'))?.backups.filter((backup) => backup.of === 'etcd') ?? [];
      const admit = (cluster: ClusterRecord): void => {
        requireControlPlane(cluster);
        requireSnapshot(asked.from, backups);
      };
      return beginOnCurrent(call, context, 'restore', { admit, request: { kind: 'restore', from: asked.from } });
    }
    const other = asked.sourceCluster === undefined || asked.sourceCluster === name ? null : await context.store.getCluster(asked.sourceCluster);
    const backups = (await context.store.getReport(asked.sourceCluster ?? name, 'backups'))?.backups ?? [];
    const wanted = (cluster: ClusterRecord): JobRequest => objectsRequest(asked, cluster, other, backups, new Date());
    const admit = (cluster: ClusterRecord): void => {
      requireComplete(cluster, 'restore-objects');
      wanted(cluster);
    };
    return changeOnCurrent(call, context, { admit }, (cluster) => {
      const { spec, uid } = cluster;
      return { job: jobFor(call, context, { kind: 'restore-objects', change: 'restore-objects', spec, uid, request: wanted(cluster) }), state: stateDuring['restore-objects'] };
    });
  },
});

/** Throws where the list of backups has no such one, or one of other members of etcd than the newest names. */
function requireSnapshot(from: string, backups: readonly EtcdBackup[]): void {
  const backup = backups.find(({ id }) => id === from);
  const fault = backup === undefined ? 'names no backup of this cluster' : isOfSameMembers(backup, backups[0]) ? undefined : `is of the control planes ${backup.members.join(', ')}, which are not those of today`;
  if (fault !== undefined) throw faulty('invalid-body', [{ pointer: '/from', detail: fault }]);
}

function isOfSameMembers({ members }: EtcdBackup, newest: EtcdBackup | undefined): boolean {
  return newest === undefined || (members.length === newest.members.length && members.every((member) => newest.members.includes(member)));
}

/**
 * What a job does that brings objects back. The other cluster has to be of the same owner, so whoever may do this to the one may do it to both, whenever the job is tried again; one of somebody else is no different from
 * one that does not exist. Throws with every fault. @param other null where the backup is the cluster's own; undefined where no cluster has that name
 */
export function objectsRequest({ from, namespaces, existing = 'keep' }: RestoreRequest, { spec }: ClusterRecord, other: ClusterRecord | undefined | null, backups: readonly Backup[], now: Date): Extract<JobRequest, { kind: 'restore-objects' }> {
  const faults: Fault[] = [];
  if (spec.platform.backup !== 'velero') faults.push({ pointer: '/from', detail: 'needs "velero" as /platform/backup of the spec' });
  const isAllowed = other === null || (other !== undefined && other.spec.owner === spec.owner);
  if (!isAllowed) faults.push({ pointer: '/sourceCluster', detail: `names no cluster of the owner "${spec.owner}"` });
  const backup = isAllowed ? backups.find((one): one is ObjectsBackup => one.of === 'objects' && one.id === from) : undefined;
  if (isAllowed) faults.push(...backupFaults(backup, now));
  const theirs = isAllowed ? (other ?? { spec }).spec.namespaces.map(({ name }) => name) : [];
  const wanted = namespaces ?? spec.namespaces.map(({ name }) => name).filter((name) => theirs.includes(name) && (backup === undefined || holds(backup, name)));
  if (backup !== undefined && wanted.length === 0) faults.push({ pointer: '/namespaces', detail: 'is required: the backup has none of the namespaces that both specs have' });
  if (backup !== undefined) for (const [index, name] of wanted.entries()) if (!holds(backup, name)) faults.push({ pointer: `/namespaces/${index}`, detail: 'is not in the backup' });
  if (faults.length > 0) throw faulty('invalid-body', faults);
  return { kind: 'restore-objects', backup: from.slice(objectsBackupPrefix.length), source: other ? { name: other.name, uid: other.uid, provider: other.spec.provider } : null, namespaces: wanted, existing };
}

function backupFaults(backup: ObjectsBackup | undefined, now: Date): Fault[] {
  const fault = (detail: string): Fault[] => [{ pointer: '/from', detail }];
  if (backup === undefined) return fault('names no backup of the cluster');
  if (backup.state === 'running') return fault('is not complete yet');
  if (backup.state === 'failed') return fault('has failed: there is nothing to come back to');
  return backup.expiresAt !== null && Date.parse(backup.expiresAt) <= now.getTime() ? fault(`has been kept until ${backup.expiresAt}, and no longer`) : [];
}

function holds({ includedNamespaces, excludedNamespaces }: ObjectsBackup, namespace: string): boolean {
  return (includedNamespaces.includes('*') || includedNamespaces.includes(namespace)) && !excludedNamespaces.includes(namespace);
}
