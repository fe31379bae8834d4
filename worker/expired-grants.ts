import type { Logger } from 'pino';
import { grantsAt, withGrants } from '../model/access-grants.js';
import { stateDuring, type ClusterRecord } from '../model/cluster.js';
import { isClusterwrightError, type ErrorCode } from '../model/errors.js';
import { newJobId } from '../model/ids.js';
import { newJob } from '../model/job.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';

/** What grants are forgotten with. */
export interface GrantsParts {
  readonly store: Pick<Store, 'listClusters' | 'changeCluster'>;
  readonly relay: { nudge(): void };
  readonly log: Logger;
}

/** Why nothing is to be done here: another worker was first, or somebody has begun something on the cluster, or it has gone. */
const overtaken: readonly ErrorCode[] = ['precondition-failed', 'operation-in-progress', 'cluster-not-found'];

/**
 * Takes grants whose time has passed out of the specs of clusters that are ready and have nothing to do, each by an update. Nobody's access waits for it: the control planes have taken that
 * away. A cluster that is not ready keeps them in its record until its next change, which leaves them out as well. Any number of workers may do this: an update is made on the version
 * that was read.
 */
export async function forgetExpiredGrants(parts: GrantsParts, now: Date = new Date()): Promise<void> {
  for await (const clusters of clusterPages(parts.store, { state: 'ready' })) {
    for (const { cluster } of clusters) if (cluster.activeJob === null) await forget(parts, cluster, now);
  }
}

async function forget({ store, relay, log }: GrantsParts, { name, uid, version, simulated, spec: before }: ClusterRecord, now: Date): Promise<void> {
  const live = grantsAt(before, now);
  const past = before.access.grants.filter((grant) => !live.includes(grant));
  if (past.length === 0) return;
  const spec = withGrants(before, live);
  const id = newJobId();
  const job = newJob({
    id, cluster: name, uid, kind: 'update', simulated, requestedBy: 'clusterwright', requestId: id, createdAt: now.toISOString(), spec,
    intent: { change: 'update', retain: spec.deletion.retain, retryOf: null, request: { kind: 'update', access: { change: 'ended', grants: past } } },
  });
  try {
    await store.changeCluster(name, { spec, state: stateDuring.update, job, expectedVersion: version });
  } catch (error) {
    if (isClusterwrightError(error) && overtaken.includes(error.code)) return;
    throw error;
  }
  relay.nudge();
  log.info({ jobId: id, cluster: name, grants: past.map((grant) => grant.id) }, 'the time of grants has passed');
}
