import { stateDuring, withDeletionIncomplete, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { cancelledUnbegun, cancelledUnbegunError, jobKinds } from '../model/job.js';
import type { CancelledJob, CancelRequest } from './contract.js';
import { baseText, clusterFrom, jobFrom, liveText } from './fields.js';
import type { Link } from './link.js';
import { cancelReply } from './replies.js';
import { Script } from './script.js';

const cancelScript = new Script('cancel');

/** Kinds of jobs that leave a cluster's state as it is, however they end. */
const keepsState = jobKinds.filter((kind) => stateDuring[kind] === null);

/** What scripts write into the record of a job that is cancelled before it has begun: its live part by its kind, and its error. */
export function endsBeforeBeginning(at: string): { live: Record<string, string>; error: string } {
  const ends = jobKinds.map((kind) => [kind, cancelledUnbegun(kind, at)] as const);
  return { live: Object.fromEntries(ends.map(([kind, end]) => [kind, liveText(end)])), error: JSON.stringify(cancelledUnbegunError) };
}

/** Cancels a job: a queued one ends, a running one is asked to end. Throws `job-not-found` and `job-finished`. */
export async function requestCancel(link: Link, jobId: string, { force, at }: CancelRequest): Promise<CancelledJob> {
  const cancelled = endsBeforeBeginning(at);
  let seen: ClusterRecord | undefined;
  for (;;) {
    const reply = cancelReply.parse(await link.call((redis) => cancelScript.run(redis,
      { job: jobId, force, at, cancelled, keepsState, version: seen && String(seen.version) }, [seen ? baseText({ ...seen, conditions: withDeletionIncomplete(seen.conditions, cancelledUnbegunError, at) }) : ''])));
    switch (reply[0]) {
      case 'cancelled': {
        const job = jobFrom(reply[1]);
        if (job === undefined) throw new ClusterwrightError('internal-error', `The job ${jobId} has no record after it was cancelled.`);
        return { job, cluster: clusterFrom(reply[2]) };
      }
      case 'outdated':
        // A queued deletion, whose cluster gets a condition: nobody but another caller of the API writes that record meanwhile.
        seen = clusterFrom(reply[1]);
        break;
      case 'job-not-found':
        throw new ClusterwrightError('job-not-found', `There is no job ${jobId}.`, { resource: jobId });
      case 'job-finished':
        throw new ClusterwrightError('job-finished', `The job ${jobId} has ended as ${reply[1]}.`, { resource: jobId });
    }
  }
}
