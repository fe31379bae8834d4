import { createHash } from 'node:crypto';
import { isFinished, Problem, type Cluster, type ClusterRequest, type ClusterwrightClient, type Job } from '../client/index.js';
import { exitCodes } from './exit-codes.js';
import { CommandFailure } from './failure.js';

/**
 * Asks for a cluster, once: the same request, sent again from wherever, gets the job that it became before, until somebody has deleted that cluster.
 *
 * The idempotency key comes from the request itself, so that there is nothing to keep: a pipeline that was killed goes on, on another machine. Where the job of that key has ended and
 * its cluster is gone, the next key of the chain asks for a new one.
 * @returns the job as it is now, which may have ended
 * @throws CommandFailure where the cluster was made by this very request, but something else has been done with it since
 */
export async function requestCluster(client: ClusterwrightClient, request: ClusterRequest, signal: AbortSignal): Promise<Job> {
  let key = requestKey(request);
  for (;;) {
    const first = await client.createCluster(request, { idempotencyKey: key, signal });
    const job = await client.job(first.job.id, { signal });
    if (!isFinished(job.state)) return job;
    const cluster = await existing(client, job.cluster, signal);
    if (cluster !== undefined && cluster.uid === first.cluster?.uid) {
      if (cluster.lastJob?.id === job.id) return job;
      throw new CommandFailure(exitCodes.conflict,
        `The cluster ${cluster.name} was created by this request before (job ${job.id}, ${job.state}) and is ${cluster.state} now, after a job of kind ${cluster.lastJob?.kind ?? 'unknown'}.`,
        `See it with: clusterwright get ${cluster.name}; change it with: clusterwright update ${cluster.name} -f FILE`);
    }
    key = nextKey(key, job.id);
  }
}

/** A cluster by its name, if there is one. */
export async function existing(client: ClusterwrightClient, name: string, signal: AbortSignal): Promise<Cluster | undefined> {
  try {
    return await client.cluster(name, { signal });
  } catch (error) {
    if (error instanceof Problem && error.code === 'cluster-not-found') return undefined;
    throw error;
  }
}

/** The first idempotency key of a request: the same for the same fields, whatever their order. */
export function requestKey(request: unknown): string {
  return `cli-${digest(JSON.stringify(sorted(request)))}`;
}

/** The key behind one whose job has ended and whose cluster is gone. */
export function nextKey(key: string, jobId: string): string {
  return `cli-${digest(`${key} ${jobId}`)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, field]) => [name, sorted(field)]));
}
