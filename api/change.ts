import { stateDuring, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError, isClusterwrightError } from '../model/errors.js';
import type { JobRequest } from '../model/job-request.js';
import type { JobKind, JobRecord } from '../model/job.js';
import { mayOver } from '../model/tenancy.js';
import type { ClusterChange } from '../store/contract.js';
import { noCluster } from './auth/access.js';
import { boundsFor } from './auth/quota.js';
import type { Context } from './context.js';
import { checkIfMatch } from './http/conditional.js';
import type { KeyedCall } from './http/idempotency.js';
import type { Reply } from './http/reply.js';
import { accepted, announce, idempotencyFor, jobFor, repeatedAnswer } from './submission.js';
import { jobPath } from './views/job.js';

/** What a change may do beside the ordinary. */
export interface ChangeOptions {
  /** Only a preview's job is written. */
  readonly dryRun?: boolean;
  /** An unfinished job is not in the way but cancelled. */
  readonly cancelRunning?: boolean;
  /** Throws where the cluster refuses such a change, whatever else is in its way. */
  readonly admit?: (cluster: ClusterRecord) => void;
  /** What the answer has beside both records: out of the job alone, so that a repetition gets the same. */
  readonly more?: (job: JobRecord) => object;
}

/** A call about one cluster that begins a job on it. */
export type ClusterCall = KeyedCall & { params: { name: string }; headers: { 'If-Match'?: string | undefined } };

/** What a job that leaves the spec as it is may have beside its kind. */
interface BeginOptions extends Pick<ChangeOptions, 'admit' | 'dryRun'> {
  /** What was asked for. */
  readonly request?: JobRequest;
  /** Before when it does not begin, in a maintenance window then; undefined: it begins now. */
  readonly beginning?: (cluster: ClusterRecord) => string | undefined;
}

/** Begins a job of a kind that leaves the spec as it is, or with `dryRun` the preview of one. */
export function beginOnCurrent(
  call: ClusterCall & { requestId: string }, context: Context, kind: Exclude<JobKind, 'preview'>, { request, beginning = () => undefined, ...options }: BeginOptions = {},
): Promise<Reply> {
  return changeOnCurrent(call, context, options, (cluster) => {
    const { spec, uid } = cluster;
    const notBefore = beginning(cluster);
    return { job: jobFor(call, context, { kind: options.dryRun === true ? 'preview' : kind, change: kind, spec, uid, request, notBefore }), state: notBefore === undefined ? stateDuring[kind] : null };
  });
}

/** Nothing can be done in a cluster whose machines are switched off. */
function refuseAsleep({ name, state }: ClusterRecord, { intent: { change } }: JobRecord): void {
  if (state !== 'hibernated' || change === 'wake' || change === 'delete') return;
  throw new ClusterwrightError('cluster-hibernated', `The cluster "${name}" is hibernated.`, { resource: name });
}

/** How often a change without `If-Match` is worked out again because the cluster changed under it. */
const rounds = 5;

/** The cluster of a call as it is now, for who may change it, or the answer that the same call got before. Throws `cluster-not-found`, `precondition-failed` and `idempotency-key-reused`. */
export async function currentOf(call: ClusterCall, context: Pick<Context, 'store'>, more?: ChangeOptions['more']): Promise<{ readonly cluster: ClusterRecord } | { readonly repeated: Reply }> {
  const { name } = call.params;
  const cluster = await context.store.getCluster(name);
  // Before all else: what the first of two equal requests did may refuse the second by now. After the record was read: whoever changed it has left its answer with the change.
  const repeated = await repeatedAnswer(call, context, more);
  if (repeated !== undefined) return { repeated };
  // It may be another cluster of this name by now, of somebody else.
  if (cluster === undefined || !mayOver(call.caller, 'operator', cluster.spec.owner)) throw noCluster(name);
  checkIfMatch(call.headers['If-Match'], cluster.version);
  return { cluster };
}

/**
 * Works out a change on the current record and writes it only if the record is still that one: two patches at once never lose one of
 * them. The caller hears of a lost race only where it asked to, by `If-Match`.
 */
export async function changeOnCurrent(
  call: ClusterCall,
  context: Context,
  { dryRun = false, cancelRunning = false, admit = () => undefined, more = () => ({}) }: ChangeOptions,
  changeOf: (cluster: ClusterRecord) => Pick<ClusterChange, 'spec' | 'state' | 'job'>,
): Promise<Reply> {
  for (let round = 1; ; round += 1) {
    const found = await currentOf(call, context, more);
    if ('repeated' in found) return found.repeated;
    const { cluster } = found;
    admit(cluster);
    if (!dryRun && !cancelRunning && cluster.activeJob !== null) {
      throw new ClusterwrightError('operation-in-progress', `Job ${cluster.activeJob} of the cluster is not finished.`, { job: jobPath(cluster.activeJob) });
    }
    const change = changeOf(cluster);
    refuseAsleep(cluster, change.job);
    const idempotency = idempotencyFor(call, change.job);
    const bounds = change.spec && await boundsFor(context, change.spec, cluster.spec);
    if (dryRun) {
      const { job, replayed, answer } = await context.store.submitPreview(change.job, idempotency);
      if (!replayed) announce(context, job);
      return accepted(job, undefined, answer, more);
    }
    try {
      const written = await context.store.changeCluster(cluster.name, { ...change, cancelRunning, bounds, idempotency, expectedVersion: cluster.version });
      if (!written.replayed) announce(context, written.job);
      return accepted(written.job, written.cluster, written.answer, more);
    } catch (error) {
      const lostRace = isClusterwrightError(error) && error.code === 'precondition-failed';
      if (!lostRace || round === rounds) throw error;
      // With If-Match the next round answers 412 by itself, unless the header is "*".
    }
  }
}
