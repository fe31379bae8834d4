import { z } from 'zod';
import { type AcceptedFindings, driftReportSchema, ignoredAt, isAccepted, ignoredFindingSchema, ignoredFrom, ignoreRequestSchema } from '../../model/drift.js';
import type { Store } from '../../store/store.js';
import { noCluster } from '../auth/access.js';
import { beginOnCurrent } from '../change.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { bodyProblems, changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

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
  accepted: z.array(z.strictObject({ finding: z.string(), reason: z.string() })).describe('Findings of the report that the spec accepts (`drift.accepted`)'),
  ignored: z.array(ignoredFindingSchema.meta({ id: 'IgnoredFinding' })).describe('Findings that are left aside for now'),
}).meta({ id: 'Drift' });

async function driftOf(store: Pick<Store, 'getReport' | 'ignoredFindings'>, name: string, accepted: AcceptedFindings = {}): Promise<z.infer<typeof driftSchema>> {
  const [report, ignored] = await Promise.all([store.getReport(name, 'drift'), store.ignoredFindings(name)]);
  const meant = report?.findings.filter((finding) => isAccepted(finding, accepted)) ?? [];
  return { report: report ?? null, accepted: meant.map(({ id }) => ({ finding: id, reason: accepted[id]?.reason ?? '' })), ignored: ignoredAt(ignored, new Date()) };
}

export const getDrift = operation({
  method: 'get',
  path: '/clusters/{name}/drift',
  id: 'getDrift',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Look at what the last check for drift found',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The last report, and what of it is accepted or left aside.', driftSchema) },
  async handle({ params: { name }, found: { cluster } }, { store }) {
    return json(200, await driftOf(store, name, cluster?.spec.drift?.accepted));
  },
});

export const ignoreDrift = operation({
  method: 'post',
  path: '/clusters/{name}/drift/ignored',
  id: 'ignoreDrift',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Leave a finding aside until a time',
  description: 'It is not counted as drift until then. It is still found, and a repair or an update that touches it still puts it right. Asked again of the same finding, the last word counts.',
  params: clusterParams,
  missing: 'cluster-not-found',
  body: { mediaType: 'application/json', description: 'What is left aside, until when and why', schema: ignoreRequestSchema.meta({ id: 'IgnoreDriftRequest' }) },
  responses: { 200: jsonAnswer('The last report, and what of it is accepted or left aside.', driftSchema) },
  problems: bodyProblems,
  async handle({ params: { name }, body, caller, found: { cluster } }, { store }) {
    if (cluster === undefined) throw noCluster(name);
    const request = ignoredFrom(body, await store.getReport(name, 'drift'), new Date());
    await store.ignoreFinding(name, cluster.uid, { ...request, by: caller.name });
    return json(200, await driftOf(store, name, cluster.spec.drift?.accepted));
  },
});

export const noticeDrift = operation({
  method: 'delete',
  path: '/clusters/{name}/drift/ignored',
  id: 'noticeDrift',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Leave a finding aside no longer',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject({ finding: z.string().min(1).max(2_000).meta({ description: 'Id of the finding.' }) }),
  responses: { 200: jsonAnswer('The last report, and what of it is accepted or left aside.', driftSchema) },
  async handle({ params: { name }, query: { finding }, found: { cluster } }, { store }) {
    if (cluster === undefined) throw noCluster(name);
    await store.noticeFinding(name, cluster.uid, finding);
    return json(200, await driftOf(store, name, cluster.spec.drift?.accepted));
  },
});
