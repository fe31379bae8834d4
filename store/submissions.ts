import { z } from 'zod';
import { clusterMoves, clusterRecordSchema, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { jobRecordSchema, type JobRecord } from '../model/job.js';
import type { ClusterChange, ClusterSubmission, Idempotency, Submission } from './contract.js';
import { checkedCluster, checkedJob, clusterFields, clusterFrom, indexed, parse, parseJson, toFields } from './fields.js';
import type { Link } from './link.js';
import { movesInto } from './moves.js';
import { changeReply, submitReply } from './replies.js';
import { Script } from './script.js';
import { wakeUpMember } from './wake-ups.js';

const submitScript = new Script('submit');
const changeScript = new Script('change');

const firstAnswerSchema = z.strictObject({
  status: z.int(), location: z.string(), job: jobRecordSchema, cluster: clusterRecordSchema.optional(),
});

/** Writes a new cluster with its job. Throws `cluster-exists` or `idempotency-key-reused`. */
export async function createCluster(link: Link, cluster: ClusterRecord, job: JobRecord, idempotency?: Idempotency): Promise<ClusterSubmission> {
  const stored = checkedCluster({ ...cluster, version: 1, activeJob: job.id, lastJob: lastJobOf(job) });
  const submission = await submit(link, job, stored, idempotency);
  if (submission.cluster === undefined) throw new ClusterwrightError('idempotency-key-reused', 'The idempotency key was used with a request that made no cluster.');
  return { ...submission, cluster: submission.cluster };
}

/** Writes a preview's job. Throws `idempotency-key-reused`. */
export function submitPreview(link: Link, job: JobRecord, idempotency?: Idempotency): Promise<Submission> {
  return submit(link, job, undefined, idempotency);
}

async function submit(link: Link, given: JobRecord, cluster: ClusterRecord | undefined, idempotency?: Idempotency): Promise<Submission> {
  const job = checkedJob(given);
  const reply = submitReply.parse(await link.call((redis) => submitScript.run(redis, {
    job: newJobInput(job),
    cluster: cluster && { name: cluster.name, fields: clusterFields(cluster) },
    idempotency: idempotency && {
      key: idempotency.key,
      fingerprint: idempotency.fingerprint,
      ttlSeconds: idempotency.ttlSeconds,
      answer: JSON.stringify({ ...idempotency.answer, job, cluster }),
    },
  })));
  switch (reply[0]) {
    case 'created':
      return { replayed: false, job, cluster, answer: idempotency?.answer };
    case 'replayed': {
      const { status, location, ...records } = parse(parseJson(reply[1], 'idempotency record'), 'idempotency record', firstAnswerSchema);
      return { replayed: true, job: records.job, cluster: records.cluster, answer: { status, location } };
    }
    case 'cluster-exists':
      throw new ClusterwrightError('cluster-exists', `A cluster named "${job.cluster}" exists already.`, { resource: job.cluster });
    case 'idempotency-key-reused':
      throw new ClusterwrightError('idempotency-key-reused', 'This Idempotency-Key came with another request before.');
  }
}

/**
 * Begins a change of a cluster without an unfinished job. Throws `cluster-not-found`, `precondition-failed` (also when the cluster was
 * deleted and made anew since it was read) or `operation-in-progress` with the running job.
 */
export async function changeCluster(link: Link, name: string, change: ClusterChange): Promise<{ cluster: ClusterRecord; job: JobRecord }> {
  const { expectedVersion, spec, state } = change;
  const job = checkedJob(change.job);
  const reply = changeReply.parse(await link.call((redis) => changeScript.run(redis, {
    name,
    version: expectedVersion === undefined ? undefined : String(expectedVersion),
    uid: JSON.stringify(job.uid),
    from: movesInto(clusterMoves, state),
    job: newJobInput(job),
    fields: toFields({ spec, state, activeJob: job.id, lastJob: lastJobOf(job), updatedAt: job.createdAt, ...(spec && indexed({ spec })) }),
  })));
  switch (reply[0]) {
    case 'changed': {
      const cluster = clusterFrom(reply[1]);
      if (cluster === undefined) throw new ClusterwrightError('internal-error', `The cluster "${name}" has no record after its change.`);
      return { cluster, job };
    }
    case 'cluster-not-found':
      throw new ClusterwrightError('cluster-not-found', `There is no cluster named "${name}".`, { resource: name });
    case 'precondition-failed':
      throw new ClusterwrightError('precondition-failed', `The cluster "${name}" is at version ${reply[1]} by now.`, { resource: name });
    case 'operation-in-progress':
      throw new ClusterwrightError('operation-in-progress', `The job ${reply[1]} of the cluster "${name}" is not finished.`, { resource: name, job: `/jobs/${reply[1]}` });
    case 'refused-move':
      throw new ClusterwrightError('internal-error', `The cluster "${name}" cannot become ${state} while it is ${reply[1]}.`, { resource: name });
  }
}

function newJobInput(job: JobRecord): Record<string, unknown> {
  if (job.state !== 'queued') throw new ClusterwrightError('internal-error', `The new job ${job.id} is ${job.state} and not queued.`);
  return { id: job.id, cluster: job.cluster, fields: toFields(job), wakeUp: wakeUpMember(job.id, job.attempt, job.kind) };
}

function lastJobOf({ id, kind, state }: JobRecord): ClusterRecord['lastJob'] {
  return { id, kind, state };
}
