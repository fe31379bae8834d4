import type { AuditRecord } from '../model/audit.js';
import { newJobId } from '../model/ids.js';
import { newJob, type JobRecord } from '../model/job.js';
import type { JobRequest } from '../model/job-request.js';
import type { ClusterRecord } from '../model/cluster.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Caller } from '../model/tenancy.js';
import type { Idempotency } from '../store/contract.js';
import type { Context } from './context.js';
import { idempotencyOf, type KeyedCall } from './http/idempotency.js';
import { json, type Reply } from './http/reply.js';
import { currentTrace } from './http/trace.js';
import { clusterView } from './views/cluster.js';
import { jobPath, jobView } from './views/job.js';

/** Seconds after which a look at an unfinished job makes sense. */
export const pollSeconds = 2;

/** A new job, asked for by this call. */
export function jobFor(
  call: { requestId: string; caller: Caller },
  context: Pick<Context, 'simulated'>,
  wanted: { id?: string | undefined; kind: JobRecord['kind']; change: JobRecord['intent']['change']; spec: ClusterSpec; uid: string; retain?: 'backups' | 'none' | undefined; retryOf?: string; request?: JobRequest | undefined; notBefore?: string | undefined },
): JobRecord {
  return newJob({
    id: wanted.id ?? newJobId(),
    cluster: wanted.spec.name,
    uid: wanted.uid,
    kind: wanted.kind,
    simulated: context.simulated,
    requestedBy: call.caller.name,
    requestId: call.requestId,
    trace: currentTrace(),
    createdAt: new Date().toISOString(),
    notBefore: wanted.notBefore,
    spec: wanted.spec,
    intent: { change: wanted.change, retain: wanted.retain ?? wanted.spec.deletion.retain, retryOf: wanted.retryOf ?? null, ...(wanted.request === undefined ? {} : { request: wanted.request }) },
  });
}

/** The answer that the same request with the same idempotency key got before; undefined where it is the first. Throws `idempotency-key-reused`. */
export async function repeatedAnswer(call: KeyedCall, { store }: Pick<Context, 'store'>, more?: (job: JobRecord) => object): Promise<Reply | undefined> {
  const idempotency = idempotencyOf(call, { status: 202, location: '' });
  const first = idempotency && (await store.firstAnswer(idempotency));
  return first && accepted(first.job, first.cluster, first.answer, more);
}

/** What is kept for repetitions of the request that this job carries out. */
export function idempotencyFor(call: KeyedCall, job: JobRecord): Idempotency | undefined {
  return idempotencyOf(call, { status: 202, location: jobPath(job.id) });
}

/** Says that a job was written: wakes the queue up, counts and logs. */
export function announce(context: Pick<Context, 'relay' | 'metrics' | 'log'>, job: JobRecord): void {
  context.relay.nudge();
  context.metrics.submissions.inc({ kind: job.kind });
  context.log.info({ requestId: job.requestId, jobId: job.id, cluster: job.cluster, kind: job.kind }, 'job submitted');
}

/** What a job that is no dry run does to temporary access; undefined where it is about something else. */
function accessChangeOf({ kind, intent: { request } }: JobRecord): AuditRecord['access'] {
  return kind === 'update' && request?.kind === 'update' ? request.access : undefined;
}

/** The answer to an accepted change or preview: 202, where to look, and both records; a preview has no cluster in it. @param more what stands beside them */
export function accepted(job: JobRecord, cluster: ClusterRecord | undefined, answer = { status: 202, location: jobPath(job.id) }, more: (job: JobRecord) => object = () => ({})): Reply {
  const body = { ...(cluster ? { cluster: clusterView(cluster, undefined, new Date()) } : {}), job: jobView(job), ...more(job) };
  const reply = json(answer.status, body, { Location: answer.location, 'Retry-After': String(pollSeconds) });
  return { ...reply, concerns: { cluster: job.cluster, owner: job.spec.owner, job: job.id, access: accessChangeOf(job) } };
}
