import { createHash } from 'node:crypto';
import type { ActionContext } from '@backstage/plugin-scaffolder-node';
import type { JsonObject } from '@backstage/types';
import { Problem, type ClusterwrightClient, type Job, type Submission } from '@clusterwright/client';

/** A step of a template's task, which asks Clusterwright for one change. */
export interface Change {
  /** Of the cluster. */
  readonly name: string;
  /** What is asked for: another request of the same step, as in an `each`, is another change. */
  readonly request: JsonObject;
  /** Asks whether the change may be made, each time before it is asked for: rejects where not. */
  readonly permit: () => Promise<void>;
  /**
   * Asks for the change.
   * @param idempotencyKey the same for the same change of the same task, however often it is run
   * @param again whether an earlier run may have asked already
   */
  readonly submit: (idempotencyKey: string, again: boolean) => Promise<Submission>;
}

/** What a step has of its context here. */
export type StepContext = Pick<ActionContext<JsonObject>, 'checkpoint' | 'logger' | 'signal' | 'step' | 'task'>;

/**
 * The job that a step's change is. A task that Backstage runs again (after a restart, or because somebody asked for it) gets the job of its first run: the one
 * that still runs, the one that succeeded meanwhile, or one more try of the one that had failed or was cancelled.
 */
export async function jobOfStep(client: ClusterwrightClient, context: StepContext, change: Change): Promise<string> {
  const key = `backstage-${createHash('sha256').update(JSON.stringify([context.task.id, context.step?.id ?? '', change.name, change.request])).digest('hex').slice(0, 40)}`;
  let again = true;
  // Written before anything is asked for, so that a run after a crash in between knows that there may be a job.
  await context.checkpoint({ key: `${key}.begun`, fn: () => { again = false; return { at: new Date().toISOString() }; } });
  const { jobId } = await context.checkpoint({
    key: `${key}.job`,
    fn: async () => {
      await change.permit();
      return { jobId: (await change.submit(key, again)).job.id };
    },
  });
  return again ? latestTry(client, context, change.name, jobId) : jobId;
}

async function latestTry(client: ClusterwrightClient, { logger }: StepContext, cluster: string, jobId: string): Promise<string> {
  const last = await lastTry(client, cluster, await client.job(jobId));
  switch (last.state) {
    case 'queued': case 'running': case 'cancelling': case 'succeeded':
      logger.info(`This task was run before: its job ${last.id} is ${last.state}`);
      return last.id;
    case 'failed': case 'cancelled': {
      logger.info(`This task was run before: its job ${last.id} is ${last.state} and is tried once more`);
      return (await client.retryJob(last.id)).job.id;
    }
  }
}

/** Follows a job to the last of those that tried it again. */
async function lastTry(client: ClusterwrightClient, cluster: string, first: Job): Promise<Job> {
  const nextTry = new Map<string, Job>();
  try {
    for await (const job of client.clusterJobs(cluster)) {
      if (job.retryOf !== null) nextTry.set(job.retryOf, job);
      if (job.id === first.id) break;
    }
  } catch (error) {
    // A cluster that is gone has no jobs to ask for.
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
  let last = first;
  for (let next = nextTry.get(last.id); next !== undefined; next = nextTry.get(last.id)) last = next;
  return last;
}
