import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { clusterStates, newCluster } from '../../model/cluster.js';
import { newUid } from '../../model/ids.js';
import { resolveRequest } from '../../model/resolve.js';
import { providers } from '../../model/spec.js';
import { visibleOwners } from '../../model/tenancy.js';
import { requireOver } from '../auth/access.js';
import { boundsFor } from '../auth/quota.js';
import { idempotencyHeader } from '../http/idempotency.js';
import { dryRunShape, pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { accepted, announce, idempotencyFor, jobFor } from '../submission.js';
import { clusterView, clusterViewSchema } from '../views/cluster.js';
import { listSchema } from '../views/list.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';

export const createCluster = operation({
  method: 'post',
  path: '/clusters',
  id: 'createCluster',
  access: { role: 'operator', over: 'some' },
  tag: 'Clusters',
  summary: 'Create a cluster',
  description: 'The template is merged under the request (RFC 7396).',
  query: z.strictObject(dryRunShape),
  headers: z.object(idempotencyHeader),
  body: { mediaType: 'application/json', description: 'The cluster that is wanted', schema: 'ClusterRequest' },
  responses: { 202: acceptedAnswer },
  problems: ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-spec', 'owner-quota-exceeded', 'idempotency-key-reused', 'cluster-exists'],
  async handle(call, context) {
    const spec = resolveRequest(call.body, context);
    requireOver(call.caller, 'operator', spec.owner);
    const bounds = await boundsFor(context, spec);
    const uid = newUid();
    const { dryRun } = call.query;
    const job = jobFor(call, context, { kind: dryRun ? 'preview' : 'create', change: 'create', spec, uid });
    const idempotency = idempotencyFor(call, job);
    if (dryRun && (await context.store.getCluster(spec.name))) throw new ClusterwrightError('cluster-exists', `A cluster "${spec.name}" exists already.`);
    const submission = dryRun ? await context.store.submitPreview(job, idempotency) : await context.store.createCluster(newCluster(job, await context.store.nextSlot()), job, idempotency, bounds);
    if (!submission.replayed) announce(context, submission.job);
    return accepted(submission.job, submission.cluster, submission.answer);
  },
});

export const listClusters = operation({
  method: 'get',
  path: '/clusters',
  id: 'listClusters',
  access: { role: 'viewer', over: 'some' },
  tag: 'Clusters',
  summary: 'List clusters',
  query: pageSchema({
    provider: z.enum(providers).optional(),
    state: z.enum(clusterStates).optional(),
    owner: z.string().min(1).max(63).optional(),
  }),
  responses: { 200: jsonAnswer('A page of clusters.', listSchema(clusterViewSchema)) },
  async handle({ caller, query: { limit, cursor, ...filter } }, { store }) {
    const { items, nextCursor } = await store.listClusters({ ...filter, owners: visibleOwners(caller) }, { limit, cursor });
    const now = new Date();
    return json(200, { items: items.map(({ cluster, observation }) => clusterView(cluster, observation, now)), nextCursor });
  },
});
