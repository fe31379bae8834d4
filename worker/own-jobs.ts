import { stateDuring, type ClusterRecord } from '../model/cluster.js';
import { isClusterwrightError, type ErrorCode } from '../model/errors.js';
import { newJobId } from '../model/ids.js';
import { newJob, type JobKind, type JobRecord } from '../model/job.js';
import type { JobRequest } from '../model/job-request.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Store } from '../store/store.js';

/** What the service begins jobs of its own with. */
export interface OwnJobParts {
  readonly store: Pick<Store, 'changeCluster'>;
  readonly relay: { nudge(): void };
}

/** Why nothing is to be done here: another worker was first, or somebody has begun something on the cluster, or it has gone. */
const overtaken: readonly ErrorCode[] = ['precondition-failed', 'operation-in-progress', 'cluster-not-found'];

/** What a job of the service's own does. */
interface OwnJob {
  readonly kind: Exclude<JobKind, 'preview'>;
  readonly spec: ClusterSpec;
  readonly request?: JobRequest | undefined;
}

/** A job that nobody has asked for. Pure but for its new id. */
export function ownJob({ uid, simulated }: Pick<ClusterRecord, 'uid' | 'simulated'>, { kind, spec, request }: OwnJob, now: Date): JobRecord {
  const id = newJobId();
  return newJob({
    id, cluster: spec.name, uid, kind, simulated, requestedBy: 'clusterwright', requestId: id, createdAt: now.toISOString(), spec,
    intent: { change: kind, retain: spec.deletion.retain, retryOf: null, ...(request === undefined ? {} : { request }) },
  });
}

/** Begins a job that nobody has asked for on a cluster as it was read: any number of workers may try. @returns its id; undefined where somebody else was first */
export async function beginOwnJob(
  { store, relay }: OwnJobParts, cluster: ClusterRecord, { spec, ...wanted }: Omit<OwnJob, 'spec'> & Partial<Pick<OwnJob, 'spec'>>, now: Date,
): Promise<string | undefined> {
  const job = ownJob(cluster, { ...wanted, spec: spec ?? cluster.spec }, now);
  try {
    await store.changeCluster(cluster.name, { ...(spec === undefined ? {} : { spec }), state: stateDuring[wanted.kind], job, expectedVersion: cluster.version });
  } catch (error) {
    if (isClusterwrightError(error) && overtaken.includes(error.code)) return undefined;
    throw error;
  }
  relay.nudge();
  return job.id;
}
