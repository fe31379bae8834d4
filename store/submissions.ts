import { z } from 'zod';
import { clusterMoves, clusterRecordSchema, clusterStates, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { newJob, type JobRecord } from '../model/job.js';
import { beyondQuota, nodesAtMost, quotaFaults } from '../model/tenancy.js';
import { endsBeforeBeginning } from './cancellation.js';
import type { Bounds, ClusterChange, ClusterSubmission, Idempotency, Submission } from './contract.js';
import { baseText, checkedClusterWithoutSpec, checkedJobWithoutSpec, clusterFrom, fixedText, jobFrom, liveText } from './fields.js';
import type { Link } from './link.js';
import { movesInto } from './moves.js';
import { parse, parseJson } from './parsing.js';
import { answeredReply, changeReply, submitReply } from './replies.js';
import { Script } from './script.js';

const submitScript = new Script('submit');
const changeScript = new Script('change');
const answeredScript = new Script('answered');

const answerShape = { status: z.int(), location: z.string() };

/**
 * What an idempotency record keeps of the first answer to a creation. The rest is taken from the job's record: its fixed part and its spec, which are
 * the new cluster's spec too.
 */
const firstAnswerSchema = z.strictObject({ ...answerShape, cluster: clusterRecordSchema.omit({ spec: true }).optional() });

/** What it keeps of the first answer to a change: the cluster's fields, as the script read them. In its JSON a missing one is `false`. */
const firstChangeSchema = z.strictObject({ answer: z.strictObject(answerShape), changed: z.array(z.union([z.string(), z.literal(false)])) });

/** Writes a new cluster with its job. Throws `cluster-exists`, `idempotency-key-reused` or `owner-quota-exceeded`. */
export async function createCluster(link: Link, cluster: ClusterRecord, job: JobRecord, idempotency?: Idempotency, bounds?: Bounds): Promise<ClusterSubmission> {
  const created = { ...checkedClusterWithoutSpec(cluster), spec: job.spec, version: 1, activeJob: job.id, lastJob: lastJobOf(job) };
  const submission = await submit(link, queued(job), created, idempotency, bounds);
  if (submission.cluster === undefined) throw new ClusterwrightError('idempotency-key-reused', 'The idempotency key was used with a request that made no cluster.');
  return { ...submission, cluster: submission.cluster };
}

/** Writes a preview's job. Throws `idempotency-key-reused`. */
export function submitPreview(link: Link, job: JobRecord, idempotency?: Idempotency): Promise<Submission> {
  return submit(link, queued(job), undefined, idempotency);
}

async function submit(link: Link, job: JobRecord, cluster: ClusterRecord | undefined, idempotency: Idempotency | undefined, bounds?: Bounds): Promise<Submission> {
  const { spec: _, ...clusterWithoutSpec } = cluster ?? { spec: undefined };
  const answer = idempotency ? JSON.stringify({ ...idempotency.answer, cluster: cluster && clusterWithoutSpec }) : '';
  const reply = submitReply.parse(await link.call((redis) => submitScript.run(redis, {
    job: jobInput(job),
    cluster: cluster && { name: cluster.name, state: cluster.state, owner: cluster.spec.owner, provider: cluster.spec.provider, nodes: nodesAtMost(cluster.spec), updatedAt: cluster.updatedAt },
    bounds,
    idempotency: idempotency && { key: idempotency.key, fingerprint: idempotency.fingerprint, ttlSeconds: idempotency.ttlSeconds },
  }, [...jobTexts(job), cluster ? baseText(cluster) : '', answer])));
  switch (reply[0]) {
    case 'created':
      return { replayed: false, job, cluster, answer: idempotency?.answer };
    case 'beyond-bounds':
      throw beyondQuota(quotaFaults(job.spec, bounds ?? {}, { clusters: reply[1], nodes: reply[2] }));
    case 'replayed':
      return firstSubmission(reply[1], reply[2]);
    case 'cluster-exists':
      throw new ClusterwrightError('cluster-exists', `A cluster named "${job.cluster}" exists already.`, { resource: job.cluster });
    case 'idempotency-key-reused':
      throw keyReused();
  }
}

/** What the same request with the same key was answered before, if it was. Throws `idempotency-key-reused`. */
export async function firstAnswer(link: Link, { key, fingerprint }: Pick<Idempotency, 'key' | 'fingerprint'>): Promise<Submission | undefined> {
  const reply = answeredReply.parse(await link.call((redis) => answeredScript.run(redis, { idempotency: { key, fingerprint } })));
  switch (reply[0]) {
    case 'unanswered': return undefined;
    case 'replayed': return firstSubmission(reply[1], reply[2]);
    case 'idempotency-key-reused': throw keyReused();
  }
}

function keyReused(): ClusterwrightError {
  return new ClusterwrightError('idempotency-key-reused', 'This Idempotency-Key came with another request before.');
}

/** The records as the first answer showed them, whatever has become of them since. */
function firstSubmission(text: string, jobReply: unknown): Submission {
  const kept = parse(parseJson(text, 'stored idempotency record'), 'stored idempotency record', z.union([firstAnswerSchema, firstChangeSchema]));
  const current = jobFrom(jobReply);
  if (current === undefined) throw new ClusterwrightError('internal-error', 'The job of an idempotency key has no record.');
  const job = queued(current);
  if ('changed' in kept) return { replayed: true, job, cluster: clusterFrom(kept.changed.map((field) => field === false ? null : field)), answer: kept.answer };
  const { cluster, ...answer } = kept;
  return { replayed: true, job, cluster: cluster && { ...cluster, spec: job.spec }, answer };
}

/**
 * Begins a change of a cluster without an unfinished job, or (`cancelRunning`) a deletion that cancels that job and waits for its end. A job with `notBefore` waits, beside what is begun
 * meanwhile; there is one of a cluster, and a deletion cancels it. Throws
 * `cluster-not-found`, `precondition-failed` (also when the cluster was deleted and made anew since it was read), `operation-in-progress` with
 * the job in the way (a deletion is never cancelled for another one), `job-not-retryable` (`onlyAfter`), or `idempotency-key-reused`.
 */
export async function changeCluster(link: Link, name: string, change: ClusterChange): Promise<ClusterSubmission> {
  const { expectedVersion, spec, state, onlyAfter, idempotency } = change;
  const job = queued(change.job);
  if (job.cluster !== name) throw new ClusterwrightError('internal-error', `The job ${job.id} is for the cluster "${job.cluster}" and not for "${name}".`);
  const reply = changeReply.parse(await link.call((redis) => changeScript.run(redis, {
    version: expectedVersion === undefined ? undefined : String(expectedVersion),
    from: state === null ? clusterStates : movesInto(clusterMoves, state),
    state: state ?? undefined,
    owner: spec?.owner,
    nodes: spec && nodesAtMost(spec),
    bounds: change.bounds,
    provider: spec?.provider,
    job: jobInput(job),
    at: job.createdAt,
    onlyAfter,
    idempotency,
    forWindow: job.notBefore === undefined ? undefined : true,
    cancelRunning: change.cancelRunning === true ? true : undefined,
    cancelled: job.kind === 'delete' ? endsBeforeBeginning(job.createdAt) : undefined,
  }, [...jobTexts(job), spec ? JSON.stringify(spec) : ''])));
  switch (reply[0]) {
    case 'changed': {
      const cluster = clusterFrom(reply[1]);
      if (cluster === undefined) throw new ClusterwrightError('internal-error', `The cluster "${name}" has no record after its change.`);
      return { replayed: false, cluster, job, answer: idempotency?.answer };
    }
    case 'replayed': {
      const first = firstSubmission(reply[1], reply[2]);
      if (first.cluster === undefined) throw keyReused();
      return { ...first, cluster: first.cluster };
    }
    case 'idempotency-key-reused':
      throw keyReused();
    case 'beyond-bounds':
      throw beyondQuota(quotaFaults(job.spec, change.bounds ?? {}, { clusters: reply[1], nodes: reply[2] }));
    case 'cluster-not-found':
      throw new ClusterwrightError('cluster-not-found', `There is no cluster named "${name}".`, { resource: name });
    case 'job-not-retryable':
      throw new ClusterwrightError('job-not-retryable', `The job ${onlyAfter ?? ''} is not the last one of the cluster "${name}" any more.`, { resource: name });
    case 'precondition-failed':
      throw new ClusterwrightError('precondition-failed', `The cluster "${name}" is at version ${reply[1]} by now.`, { resource: name });
    case 'operation-in-progress':
      throw new ClusterwrightError('operation-in-progress', `The job ${reply[1]} of the cluster "${name}" is not finished.`, { resource: name, job: `/jobs/${reply[1]}` });
    case 'refused-move':
      throw new ClusterwrightError('internal-error', `The cluster "${name}" cannot become ${state ?? 'anything'} while it is ${reply[1]}.`, { resource: name });
  }
}

/** A job as it is at first, its fields in one order, so that equal jobs are equal texts. */
function queued(job: JobRecord): JobRecord {
  return newJob({ ...checkedJobWithoutSpec(job), spec: job.spec });
}

function jobInput({ id, kind, cluster, uid, spec: { owner }, intent: { request } }: JobRecord): object {
  return { id, kind, cluster, uid, owner, ...(kind === 'cluster-drill' && request?.kind === 'cluster-drill' ? { drillOf: { name: request.source.name, uid: request.source.uid } } : {}) };
}

function jobTexts(job: JobRecord): string[] {
  return [fixedText(job), JSON.stringify(job.spec), liveText(job)];
}

function lastJobOf({ id, kind }: JobRecord): ClusterRecord['lastJob'] {
  return { id, kind, state: 'queued' };
}
