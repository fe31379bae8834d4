import { z } from 'zod';
import type { ClusterRecord } from '../../model/cluster.js';
import { faulty } from '../../model/faults.js';
import { backupRequestSchema } from '../../model/job-request.js';
import { backupSchema } from '../../model/report.js';
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
  description: 'A control plane saves etcd into the cluster\'s private store, beside the snapshots of every hour; with `objects` Velero saves what it saves every night, for as long as that is kept. The cluster stays in the state that it is in. The finished job lists all backups in its `report`.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to save', schema: backupRequestSchema.meta({ id: 'BackupRequest' }), optional: true },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready'],
  handle(call, context) {
    const request = checkedBody(backupRequestSchema, call.body);
    const admit = (cluster: ClusterRecord): void => {
      requireControlPlane(cluster);
      const at = request.of.indexOf('objects');
      if (at >= 0 && cluster.spec.platform.backup !== 'velero') throw faulty('invalid-body', [{ pointer: `/of/${at}`, detail: 'needs "velero" as /platform/backup of the spec' }]);
    };
    return beginOnCurrent(call, context, 'backup', { admit, request: { kind: 'backup', ...request } });
  },
});

const backupsSchema = z.strictObject({
  items: z.array(backupSchema),
  observedAt: timeSchema.nullable().describe('When the private store was looked at last; null if it never was'),
}).meta({ id: 'Backups' });

export const listBackups = operation({
  method: 'get',
  path: '/clusters/{name}/backups',
  id: 'listBackups',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List the backups of a cluster, the newest first',
  description: 'Snapshots of etcd and, with Velero, its backups, those that failed included: `of` tells which. As a worker has seen them last: it looks every few minutes and after each backup.',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The backups.', backupsSchema) },
  async handle({ params: { name } }, { store }) {
    const report = await store.getReport(name, 'backups');
    return json(200, { items: report?.backups ?? [], observedAt: report?.at ?? null });
  },
});
