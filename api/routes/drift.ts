import { z } from 'zod';
import { driftReportSchema } from '../../model/drift.js';
import { beginOnCurrent } from '../change.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

export const checkDrift = operation({
  method: 'post',
  path: '/clusters/{name}/drift',
  id: 'checkDrift',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Check a cluster for drift',
  description: 'Compares what is there with what should be, and changes nothing. The finished job has what it found in its `report`; a repair puts it right.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  responses: { 202: acceptedAnswer },
  problems: [...changeProblems, 'cluster-not-ready'],
  handle(call, context) {
    return beginOnCurrent(call, context, 'drift', { admit: requireControlPlane });
  },
});

const driftSchema = z.strictObject({
  report: driftReportSchema.meta({ id: 'DriftReport' }).nullable().describe('What the last check found; null if there was none'),
}).meta({ id: 'Drift' });

export const getDrift = operation({
  method: 'get',
  path: '/clusters/{name}/drift',
  id: 'getDrift',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Look at what the last check for drift found',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The last report.', driftSchema) },
  async handle({ params: { name } }, { store }) {
    return json(200, { report: (await store.getReport(name, 'drift')) ?? null });
  },
});
