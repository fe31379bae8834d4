import { stateDuring, type ClusterRecord } from '../model/cluster.js';
import { isClusterwrightError, type ErrorCode } from '../model/errors.js';
import { newJobId } from '../model/ids.js';
import { newJob, type JobKind } from '../model/job.js';
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

/** Begins a job that nobody has asked for on a cluster as it was read: any number of workers may try. @returns its id; undefined where somebody else was first */
export async function beginOwnJob(
  { store, relay }: OwnJobParts, { name, uid, version, simulated, spec: before }: ClusterRecord, { kind, spec, request }: { readonly kind: Exclude<JobKind, 'preview'>; readonly spec?: ClusterSpec; readonly request?: JobRequest }, now: Date,
): Promise<string | undefined> {
  const id = newJobId();
  const job = newJob({
    id, cluster: name, uid, kind, simulated, requestedBy: 'clusterwright', requestId: id, createdAt: now.toISOString(), spec: spec ?? before,
    intent: { change: kind, retain: before.deletion.retain, retryOf: null, ...(request === undefined ? {} : { request }) },
  });
  try {
    await store.changeCluster(name, { ...(spec === undefined ? {} : { spec }), state: stateDuring[kind], job, expectedVersion: version });
  } catch (error) {
    if (isClusterwrightError(error) && overtaken.includes(error.code)) return undefined;
    throw error;
  }
  relay.nudge();
  return id;
}
