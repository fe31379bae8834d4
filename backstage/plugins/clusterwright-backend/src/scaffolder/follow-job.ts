import type { LoggerService } from '@backstage/backend-plugin-api';
import { Problem, type ClusterwrightClient, type Job, type JobEvent } from '@clusterwright/client';
import { jobError } from '../problems';

/** Resources are told of in steps of so many percent: a cluster has hundreds. */
const percentStep = 10;

/**
 * Follows a job to its end, with a line in the task's log for each phase and each step of progress. A task that is cancelled cancels its job.
 * @returns the job, which succeeded
 * @throws with the job's code, detail and hint where it did not
 */
export async function followJob(client: ClusterwrightClient, jobId: string, { logger, signal }: { readonly logger: LoggerService; readonly signal?: AbortSignal | undefined }): Promise<Job> {
  const tell = teller(logger);
  logger.info(`Job ${jobId}`);
  const ended = await client.watchJob(jobId, {
    signal, onEvent: tell,
    onInterruption: (_cause, waitMs) => logger.warn(`Clusterwright does not answer; the job goes on there. Asked again in ${Math.ceil(waitMs / 1000)} s`),
  }).catch(async (error: unknown) => {
    if (signal?.aborted !== true) throw error;
    return cancel(client, jobId, logger);
  });
  if (ended.state !== 'succeeded') throw jobError(ended);
  return ended;
}

/** @throws that the task was cancelled, with what becomes of the job; answers a job that was done before it heard of its end */
async function cancel(client: ClusterwrightClient, jobId: string, logger: LoggerService): Promise<Job> {
  try {
    const { job, remains } = await client.cancelJob(jobId);
    logger.warn(`The task was cancelled, and so its job ${jobId} is ${job.state}. ${remains.detail}`);
    for (const { call, does } of remains.next) logger.info(`${call}: ${does}`);
    throw new Error(`The task was cancelled; job ${jobId} is ${job.state}.`);
  } catch (error) {
    if (error instanceof Problem && error.code === 'job-finished') return client.job(jobId);
    throw error;
  }
}

/** Writes events down for people; nodes and single resources are in the console. */
function teller(logger: LoggerService): (event: JobEvent) => void {
  let told = 0;
  return ({ event }) => {
    switch (event.type) {
      case 'state':
        return logger.info(`Job ${event.state}${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}`);
      case 'phase':
        told = 0;
        return logger.info(`${event.title}: ${event.state}`);
      case 'resource': {
        const percent = event.total === 0 ? 0 : Math.floor((event.done / event.total) * 100);
        if (event.state === 'failed') return logger.error(`${event.resourceType} ${event.name} failed`);
        if (percent < told + percentStep) return;
        told = percent - (percent % percentStep);
        return logger.info(`${event.done}/${event.total} resources (${percent} %), last: ${event.name}`);
      }
      case 'message':
        if (event.severity !== 'info') logger.warn(event.resource === null ? event.text : `${event.resource}: ${event.text}`);
        return;
      case 'node':
        return;
    }
  };
}
