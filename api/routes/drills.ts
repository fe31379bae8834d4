import { z } from 'zod';
import { drillReportSchema } from '../../model/drill.js';
import { drillContents, drillRequestSchema } from '../../model/job-request.js';
import { jobStates, type JobRecord } from '../../model/job.js';
import { mayOver } from '../../model/tenancy.js';
import { ownerOf } from '../auth/access.js';
import { beginOnCurrent } from '../change.js';
import { drillInThrowAway } from '../cluster-drill.js';
import { checkedBody } from '../http/checked-body.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jobViewSchema } from '../views/job.js';
import { listSchema } from '../views/list.js';
import { timeSchema } from '../views/times.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { bodyProblems, changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

export const startDrill = operation({
  method: 'post',
  path: '/clusters/{name}/drills',
  id: 'startDrill',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Try a restore',
  description: 'Of `etcd`: a control plane brings the newest snapshot back beside the cluster, as an etcd and an API server that nobody else reaches, and looks through what they have; then they go. The cluster stays in the state that it is in. '
    + 'Of `cluster`: a new cluster of the same owner is made from this one\'s spec, the newest of Velero\'s backups with files is restored into it at rest and compared with what came back, and it is deleted again, whatever came of it. The job has the kind `cluster-drill` and is one of the new cluster, which is in the answer; this cluster is only read from. '
    + 'The job fails where something is not as the backup has it, or a target of the spec\'s `recovery` is missed.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'What to try, and where', schema: drillRequestSchema.meta({ id: 'DrillRequest' }), optional: true },
  responses: { 202: acceptedAnswer },
  problems: [...bodyProblems, ...changeProblems, 'cluster-not-ready', 'owner-quota-exceeded', 'cluster-exists'],
  handle(call, context) {
    const asked = checkedBody(drillRequestSchema, call.body);
    switch (asked.of) {
      case 'etcd': return beginOnCurrent(call, context, 'drill', { admit: requireControlPlane });
      case 'cluster': return drillInThrowAway(call, context, asked.in ?? {});
    }
  },
});

const drillSchema = z.strictObject({
  job: z.ulid().describe('Id of its job'),
  of: z.enum(drillContents).describe('What was tried'),
  cluster: z.string().nullable().describe('Of a `cluster`: the one that was made for it'),
  requestedAt: timeSchema,
  requestedBy: z.string(),
  state: z.enum(jobStates).describe('Of the job: `succeeded` where the drill has passed'),
  report: drillReportSchema.meta({ id: 'DrillReport' }).nullable().describe('What it came to; null while it runs, and where it did not come so far'),
  error: jobViewSchema.shape.error,
}).meta({ id: 'Drill' });

export const listDrills = operation({
  method: 'get',
  path: '/clusters/{name}/drills',
  id: 'listDrills',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List the restore drills of a cluster, the newest first',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: pageSchema({}),
  responses: { 200: jsonAnswer('A page of drills.', listSchema(drillSchema)) },
  async handle({ caller, params: { name }, query, found: { cluster } }, { store }) {
    const { items, nextCursor } = await store.listJobs({ drillsOf: name }, query);
    // Earlier clusters of this name may have been somebody else's.
    const shown = items.filter((job) => mayOver(caller, 'viewer', ownerOf(job, cluster)));
    return json(200, { items: shown.map(drillOf), nextCursor });
  },
});

function drillOf({ id, kind, cluster, createdAt, requestedBy, state, report, error }: JobRecord): z.infer<typeof drillSchema> {
  const what = kind === 'cluster-drill' ? { of: 'cluster' as const, cluster } : { of: 'etcd' as const, cluster: null };
  return { job: id, ...what, requestedAt: createdAt, requestedBy, state, report: report?.kind === 'drill' ? report : null, error };
}
