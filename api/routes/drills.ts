import { z } from 'zod';
import { drillReportSchema } from '../../model/drill.js';
import { jobStates } from '../../model/job.js';
import { mayOver } from '../../model/tenancy.js';
import { ownerOf } from '../auth/access.js';
import { beginOnCurrent } from '../change.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jobViewSchema } from '../views/job.js';
import { listSchema } from '../views/list.js';
import { timeSchema } from '../views/times.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

export const startDrill = operation({
  method: 'post',
  path: '/clusters/{name}/drills',
  id: 'startDrill',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Try a restore',
  description: 'A control plane brings the newest backup back beside the cluster, as an etcd and an API server that nobody else reaches, and looks through what they have; then they go. The cluster stays in the state that it is in. The job fails where something is not as the backup\'s description says, or a target of the spec\'s `recovery` is missed.',
  params: clusterParams,
  missing: 'cluster-not-found',
  headers: changeHeaders,
  responses: { 202: acceptedAnswer },
  problems: [...changeProblems, 'cluster-not-ready'],
  handle(call, context) {
    return beginOnCurrent(call, context, 'drill', { admit: requireControlPlane });
  },
});

const drillSchema = z.strictObject({
  job: z.ulid().describe('Id of its job'),
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
    const { items, nextCursor } = await store.listJobs({ cluster: name, kind: 'drill' }, query);
    // Earlier clusters of this name may have been somebody else's.
    const shown = items.filter((job) => mayOver(caller, 'viewer', ownerOf(job, cluster)));
    const drills = shown.map(({ id, createdAt, requestedBy, state, report, error }) => ({ job: id, requestedAt: createdAt, requestedBy, state, report: report?.kind === 'drill' ? report : null, error }));
    return json(200, { items: drills, nextCursor });
  },
});
