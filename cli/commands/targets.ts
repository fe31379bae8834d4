import type { Context } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';

/** Ids of jobs are ULIDs; names of clusters have no upper case. */
const jobId = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The id of a job that was named by itself, or by its cluster, whose last job is meant then. */
export async function jobIdOf({ client, signal }: Context, idOrCluster: string): Promise<string> {
  if (jobId.test(idOrCluster)) return idOrCluster;
  const { lastJob } = await client.cluster(idOrCluster, { signal });
  if (lastJob === null) throw new CommandFailure(exitCodes.conflict, `The cluster ${idOrCluster} has no job.`);
  return lastJob.id;
}
