import { z } from 'zod';
import { accessGrantRequestSchema, accessWarningSchema, grantFrom, grantsAt, groupOverageWarning, withGrants } from '../../model/access-grants.js';
import { stateDuring, type ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError } from '../../model/errors.js';
import { newJobId } from '../../model/ids.js';
import type { JobRecord } from '../../model/job.js';
import { accessGrantSchema, type AccessGrant } from '../../model/spec.js';
import { noCluster, requireOver } from '../auth/access.js';
import { changeOnCurrent } from '../change.js';
import type { Context } from '../context.js';
import { dryRunShape } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jobFor } from '../submission.js';
import { clusterViewSchema } from '../views/cluster.js';
import { jobViewSchema } from '../views/job.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { bodyProblems, changeHeaders, changeProblems, clusterParams, requireControlPlane } from './cluster.js';

const grantsSchema = z.strictObject({
  items: z.array(accessGrantSchema.extend({ expired: z.boolean().describe('Its time has passed: nobody has access by it any more, and the service is about to forget it') }).meta({ id: 'ListedAccessGrant' })),
}).meta({ id: 'AccessGrants' });

const grantedSchema = z.strictObject({ cluster: clusterViewSchema.optional(), job: jobViewSchema, grant: accessGrantSchema, warnings: z.array(accessWarningSchema) }).meta({ id: 'Granted' });

/** The job of a change of grants: it keeps those that hold, and says what it is about. Grants whose time has passed go with it. */
function changeOf(
  call: Parameters<typeof jobFor>[0], context: Pick<Context, 'simulated'>, cluster: ClusterRecord,
  { id, dryRun, access, grant, grants }: { readonly id?: string; readonly dryRun: boolean; readonly access: 'granted' | 'revoked'; readonly grant: AccessGrant; readonly grants: readonly AccessGrant[] },
) {
  const spec = withGrants(cluster.spec, grants);
  const job = jobFor(call, context, { id, kind: dryRun ? 'preview' : 'update', change: 'update', spec, uid: cluster.uid, request: { kind: 'update', access: { change: access, grants: [grant] } } });
  return { job, spec, state: stateDuring.update };
}

export const grantAccess = operation({
  method: 'post',
  path: '/clusters/{name}/access-grants',
  id: 'grantAccess',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Give a group access until a time',
  description: 'An update binds the group; a dry run shows the binding and warns of what can keep it from having its effect. When the time has passed the control planes take the binding away, also while the service '
    + 'is down. The role `admin` is granted by admins of the owner only. Who grants what to whom, until when and why stands in the audit trail.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: z.strictObject(dryRunShape),
  headers: changeHeaders,
  body: { mediaType: 'application/json', description: 'Who gets what, and until when', schema: accessGrantRequestSchema.meta({ id: 'AccessGrantRequest' }) },
  responses: { 202: jsonAnswer('The job is queued.', grantedSchema, acceptedAnswer.headers) },
  problems: [...bodyProblems, 'cluster-not-ready', ...changeProblems],
  handle(call, context) {
    const { dryRun } = call.query;
    const more = ({ spec, intent: { request } }: JobRecord): object => {
      const grant = request?.kind === 'update' ? request.access.grants[0] : undefined;
      return grant === undefined ? {} : { grant, warnings: [groupOverageWarning(spec, grant.group)] };
    };
    return changeOnCurrent(call, context, { dryRun, admit: requireControlPlane, more }, (cluster) => {
      const [id, at] = [newJobId(), new Date()];
      const grant = grantFrom(call.body, cluster.spec, { id, by: call.caller.name, at });
      if (grant.role === 'admin') requireOver(call.caller, 'admin', cluster.spec.owner);
      return changeOf(call, context, cluster, { id, dryRun, access: 'granted', grant, grants: [...grantsAt(cluster.spec, at), grant] });
    });
  },
});

export const listAccessGrants = operation({
  method: 'get',
  path: '/clusters/{name}/access-grants',
  id: 'listAccessGrants',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List who has access to a cluster until when',
  params: clusterParams,
  missing: 'cluster-not-found',
  responses: { 200: jsonAnswer('The grants, the oldest first.', grantsSchema) },
  handle({ params: { name }, found: { cluster } }) {
    if (cluster === undefined) throw noCluster(name);
    const live = grantsAt(cluster.spec, new Date());
    return json(200, { items: cluster.spec.access.grants.map((grant) => ({ ...grant, expired: !live.includes(grant) })) });
  },
});

export const revokeAccess = operation({
  method: 'delete',
  path: '/clusters/{name}/access-grants/{id}',
  id: 'revokeAccess',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Take access away before its time',
  description: 'An update takes the binding away.',
  params: clusterParams.extend({ id: z.ulid() }),
  missing: 'grant-not-found',
  query: z.strictObject(dryRunShape),
  headers: changeHeaders,
  responses: { 202: acceptedAnswer },
  problems: ['cluster-not-found', ...changeProblems],
  handle(call, context) {
    const { dryRun } = call.query;
    return changeOnCurrent(call, context, { dryRun }, (cluster) => {
      const grant = cluster.spec.access.grants.find(({ id }) => id === call.params.id);
      if (grant === undefined) throw new ClusterwrightError('grant-not-found', `The cluster "${cluster.name}" has no grant ${call.params.id}.`, { resource: cluster.name });
      return changeOf(call, context, cluster, { dryRun, access: 'revoked', grant, grants: grantsAt(cluster.spec, new Date()).filter(({ id }) => id !== grant.id) });
    });
  },
});
