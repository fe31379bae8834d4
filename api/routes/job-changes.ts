import { z } from 'zod';
import { stateDuring } from '../../model/cluster.js';
import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { isRetryable, type JobRecord } from '../../model/job.js';
import type { ClusterChange } from '../../store/contract.js';
import { noJob } from '../auth/access.js';
import type { Context } from '../context.js';
import { checkedBody } from '../http/checked-body.js';
import { idempotencyHeader } from '../http/idempotency.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { accepted, announce, idempotencyFor, jobFor, pollSeconds, repeatedAnswer } from '../submission.js';
import { clusterView, clusterViewSchema } from '../views/cluster.js';
import { jobPath, jobView, jobViewSchema } from '../views/job.js';
import { remainsOf, remainsSchema } from '../views/remains.js';
import { acceptedAnswer, jsonAnswer } from './answers.js';
import { jobParams } from './jobs.js';

const cancelRequestSchema = z.strictObject({
  force: z.boolean().default(false).describe('Kill the operation once the grace period since the first request has passed; the cluster needs a repair then'),
}).meta({ id: 'CancelRequest' });

const cancelAnswerSchema = z.strictObject({
  cluster: clusterViewSchema.optional(), job: jobViewSchema, remains: remainsSchema,
}).meta({ id: 'CancelAnswer' });

export const cancelJob = operation({
  method: 'post',
  path: '/jobs/{id}/cancel',
  id: 'cancelJob',
  access: { role: 'operator', over: 'job' },
  tag: 'Jobs',
  summary: 'Cancel a job',
  description: 'A queued job has ended with the answer. A running one is interrupted and ends as soon as what it is doing is finished; nothing is killed unless `force` is given, here or in a '
    + 'later request. To be repeated while the job is unfinished.',
  params: jobParams,
  missing: 'job-not-found',
  body: { mediaType: 'application/json', description: 'Whether the end may be forced', schema: cancelRequestSchema, optional: true },
  responses: { 202: jsonAnswer('The job is cancelled, or cancelling.', cancelAnswerSchema, { Location: 'Path of the job', 'Retry-After': 'Seconds after which a look at the job makes sense' }) },
  problems: ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-body', 'job-finished'],
  async handle({ params: { id }, body, requestId }, { store, relay, log }) {
    const { force } = checkedBody(cancelRequestSchema, body);
    const { job, cluster } = await store.requestCancel(id, { force, at: new Date().toISOString() });
    relay.nudge();
    log.info({ requestId, jobId: id, cluster: job.cluster, kind: job.kind, force }, 'job cancelled');
    return json(202, { ...(cluster ? { cluster: clusterView(cluster, undefined, new Date()) } : {}), job: jobView(job), remains: remainsOf(job, cluster) }, {
      Location: jobPath(id), 'Retry-After': String(pollSeconds),
    });
  },
});

export const retryJob = operation({
  method: 'post',
  path: '/jobs/{id}/retry',
  id: 'retryJob',
  access: { role: 'operator', over: 'job' },
  tag: 'Jobs',
  summary: 'Try a job again',
  description: 'A new job for the same intent, on what is there. Only the last job of a cluster can be tried again, and only when it has failed or was cancelled; of previews any such one.',
  params: jobParams,
  missing: 'job-not-found',
  headers: z.object(idempotencyHeader),
  responses: { 202: acceptedAnswer },
  problems: ['idempotency-key-reused', 'job-not-retryable', 'operation-in-progress'],
  async handle(call, context) {
    const repeated = await repeatedAnswer(call, context);
    if (repeated !== undefined) return repeated;
    const first = call.found.job;
    if (first === undefined) throw noJob(call.params.id);
    if (!isRetryable(first.state)) throw new ClusterwrightError('job-not-retryable', `The job ${first.id} is ${first.state}: it has neither failed nor been cancelled.`);
    const { kind, spec, uid, intent } = first;
    const job = jobFor(call, context, { kind, change: intent.change, spec, uid, retain: intent.retain, retryOf: first.id, request: intent.request });
    const idempotency = idempotencyFor(call, job);
    const written = kind === 'preview' ? await context.store.submitPreview(job, idempotency) : await tryAgain(context, first, { job, state: stateDuring[kind], idempotency });
    if (!written.replayed) announce(context, written.job);
    return accepted(written.job, written.cluster, written.answer);
  },
});

async function tryAgain({ store }: Pick<Context, 'store'>, first: JobRecord, change: Pick<ClusterChange, 'job' | 'state' | 'idempotency'>) {
  try {
    return await store.changeCluster(first.cluster, { ...change, onlyAfter: first.id });
  } catch (error) {
    // No version was asked for: it is another cluster of this name.
    const gone = isClusterwrightError(error) && (error.code === 'cluster-not-found' || error.code === 'precondition-failed');
    if (!gone) throw error;
    throw new ClusterwrightError('job-not-retryable', `The cluster "${first.cluster}" that the job ${first.id} worked on is gone.`, { resource: first.cluster });
  }
}
