import { z } from 'zod';
import type { ClusterRecord } from '../../model/cluster.js';
import { faulty } from '../../model/faults.js';
import { backupRequestSchema, restoreRequestSchema } from '../../model/job-request.js';
import { backupSchema, type Backup } from '../../model/report.js';
import { beginOnCurrent } from '../change.js';
import { checkedBody } from '../http/checked-body.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { timeSchema } from '../views/times.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { bodyProblems, changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

export const createBackup = operation({
  method: 'post',
  path: '/clusters/{name}/backups',
  id: 'createBackup',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Save a cluster now',
  description: 'A control plane saves etcd into the cluster\'s private store, beside the snapshots of every hour. The cluster stays in the state that it is in. The finished job lists all backups in its `report`.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to save', schema: backupRequestSchema.meta({ id: 'BackupRequest' }), optional: true },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready'],
  handle(call, context) {
    const request = checkedBody(backupRequestSchema, call.body);
    return beginOnCurrent(call, context, 'backup', { admit: requireControlPlane, request: { kind: 'backup', ...request } });
  },
});

const backupsSchema = z.strictObject({
  items: z.array(backupSchema.meta({ id: 'Backup' })),
  observedAt: timeSchema.nullable().describe('When the private store was looked at last; null if it never was'),
}).meta({ id: 'Backups' });

export const listBackups = operation({
  method: 'get',
  path: '/clusters/{name}/backups',
  id: 'listBackups',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List the backups of a cluster, the newest first',
  description: 'As a worker has seen them last: it looks every few minutes and after each backup.',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The backups.', backupsSchema) },
  async handle({ params: { name } }, { store }) {
    const report = await store.getReport(name, 'backups');
    return json(200, { items: report?.backups ?? [], observedAt: report?.at ?? null });
  },
});

export const restoreCluster = operation({
  method: 'post',
  path: '/clusters/{name}/restore',
  id: 'restoreCluster',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Take a cluster back to a backup',
  description: 'All objects of the cluster become what they were: what was made since is forgotten, what was deleted since is back. etcd is saved first, and its control planes are stopped for a moment; then the cluster is provisioned towards its spec, as by a repair. Where none of its control planes is left, it comes back on new machines.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to come back to', schema: restoreRequestSchema.meta({ id: 'RestoreRequest' }) },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready'],
  async handle(call, context) {
    const { from } = checkedBody(restoreRequestSchema, call.body);
    const report = await context.store.getReport(call.params.name, 'backups');
    const admit = (cluster: ClusterRecord): void => {
      requireControlPlane(cluster);
      requireBackup(from, report?.backups ?? []);
    };
    return beginOnCurrent(call, context, 'restore', { admit, request: { kind: 'restore', from } });
  },
});

/** Throws where the list of backups has no such one, or one of other members of etcd than the newest names. */
function requireBackup(from: string, backups: readonly Backup[]): void {
  const backup = backups.find(({ id }) => id === from);
  const fault = backup === undefined ? 'names no backup of this cluster' : isOfSameMembers(backup, backups[0]) ? undefined : `is of the control planes ${backup.members.join(', ')}, which are not those of today`;
  if (fault !== undefined) throw faulty('invalid-body', [{ pointer: '/from', detail: fault }]);
}

function isOfSameMembers({ members }: Backup, newest: Backup | undefined): boolean {
  return newest === undefined || (members.length === newest.members.length && members.every((member) => newest.members.includes(member)));
}
