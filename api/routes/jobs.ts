import { z } from 'zod';
import { isFinished } from '../../model/job.js';
import { mayOver, visibleOwners } from '../../model/tenancy.js';
import { noCluster, noJob, ownerOf } from '../auth/access.js';
import { contentTag, matchesNone } from '../http/conditional.js';
import { pageSchema } from '../http/parameters.js';
import { json, jsonType } from '../http/reply.js';
import { operation } from '../operation.js';
import { pollSeconds } from '../submission.js';
import { jobView, jobViewSchema } from '../views/job.js';
import { listSchema } from '../views/list.js';
import { jsonAnswer } from './answers.js';
import { clusterParams } from './cluster.js';

/** Path parameters of all that belongs to one job. */
export const jobParams = z.strictObject({ id: z.ulid() });

const pageOfJobs = listSchema(jobViewSchema);

export const getJob = operation({
  method: 'get',
  path: '/jobs/{id}',
  id: 'getJob',
  access: { role: 'viewer', over: 'job' },
  tag: 'Jobs',
  summary: 'Look at a job',
  params: jobParams,
  missing: 'job-not-found',
  headers: z.object({ 'If-None-Match': z.string().optional().describe('The ETag of the last look') }),
  responses: {
    200: jsonAnswer('The job.', jobViewSchema, { ETag: 'Changes with the answer', 'Retry-After': 'Seconds, while the job is unfinished' }),
    304: { description: 'The job has not changed since the last look.' },
  },
  handle({ params: { id }, headers, found: { job } }) {
    if (job === undefined) throw noJob(id);
    const content = JSON.stringify(jobView(job));
    const tag = contentTag(content);
    const replyHeaders = { ETag: tag, 'Cache-Control': 'no-cache', ...(isFinished(job.state) ? {} : { 'Retry-After': String(pollSeconds) }) };
    if (matchesNone(headers['If-None-Match'], tag)) return { status: 304, headers: replyHeaders };
    return { status: 200, headers: replyHeaders, body: { type: jsonType, content } };
  },
});

export const listJobs = operation({
  method: 'get',
  path: '/jobs',
  id: 'listJobs',
  access: { role: 'viewer', over: 'some' },
  tag: 'Jobs',
  summary: 'List jobs, the newest first',
  query: pageSchema({}),
  responses: { 200: jsonAnswer('A page of jobs.', pageOfJobs) },
  async handle({ caller, query }, { store }) {
    const owners = visibleOwners(caller);
    const { items, nextCursor } = await store.listJobs(owners === undefined ? {} : { owners }, query);
    return json(200, { items: items.map(jobView), nextCursor });
  },
});

export const listClusterJobs = operation({
  method: 'get',
  path: '/clusters/{name}/jobs',
  id: 'listClusterJobs',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List the jobs of a cluster, the newest first',
  description: 'Jobs outlive their cluster: those of a deleted one are listed as long as they are kept.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: pageSchema({}),
  responses: { 200: jsonAnswer('A page of jobs.', pageOfJobs) },
  async handle({ caller, params: { name }, query, found: { cluster } }, { store }) {
    const { items, nextCursor } = await store.listJobs({ cluster: name }, query);
    if (items.length === 0 && query.cursor === undefined && cluster === undefined) throw noCluster(name);
    // Earlier clusters of this name may have been somebody else's.
    return json(200, { items: items.filter((job) => mayOver(caller, 'viewer', ownerOf(job, cluster))).map(jobView), nextCursor });
  },
});
