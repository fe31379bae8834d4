import type { Redis } from 'ioredis';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { JobEventBody } from '../../../model/event.js';
import type { JobRecord } from '../../../model/job.js';
import { connect } from '../../../store/connection.js';
import type { Claim, ClusterChange, Owner } from '../../../store/contract.js';
import { Store } from '../../../store/store.js';
import { ended, inState, someCluster, someJob } from '../../support/records.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

/** A store on a Redis of its own. */
export interface Setting {
  readonly server: TestRedis;
  readonly redis: Redis;
  readonly store: Store;
  /** Another process' view of the same store. */
  another(): Store;
  end(): Promise<void>;
}

export async function storeSetting(settings: Readonly<Record<string, string>> = {}): Promise<Setting> {
  const server = await startRedis(settings);
  const connections: Redis[] = [];
  const open = (): Redis => {
    const redis = connect(server.url, 'test');
    connections.push(redis);
    return redis;
  };
  const redis = open();
  return {
    server,
    redis,
    store: new Store(redis),
    another: () => new Store(open()),
    end: async () => {
      for (const connection of connections) connection.disconnect();
      await server.stop();
    },
  };
}

/** A worker's process. */
export function worker(name: string): Owner {
  return { worker: name, host: 'host-1', pid: 4711, startedAt: '2026-01-01T00:00:00.000Z' };
}

/** Claims a job that must be claimable. */
export async function claimed(store: Store, jobId: string, ttlMs = 30_000): Promise<Claim> {
  const claim = await store.claimJob(jobId, worker('worker-1'), ttlMs);
  if (claim === undefined) throw new Error(`the job ${jobId} was not to be had`);
  return claim;
}

/** A new cluster's job, submitted. */
export async function submitted(store: Store, name: string): Promise<JobRecord> {
  const { cluster, job } = someCluster(name);
  await store.createCluster(cluster, job);
  return job;
}

/** A cluster that has been created and is ready. */
export async function readyCluster(store: Store, name: string): Promise<ClusterRecord> {
  const claim = await claimed(store, (await submitted(store, name)).id);
  await store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
  return present(await store.getCluster(name));
}

/** A deletion of a cluster, submitted. */
export async function deletionOf(store: Store, cluster: ClusterRecord, change: Partial<ClusterChange> = {}): Promise<JobRecord> {
  const job = someJob('delete', cluster);
  await store.changeCluster(cluster.name, { state: 'deleting', job, ...change });
  return job;
}

/** What must be there. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

/** An event of a text. */
export function message(text: string): JobEventBody {
  return { type: 'message', severity: 'info', text, resource: null };
}

/** A job's events in short: texts of messages, states with their attempts. */
export async function texts(store: Store, jobId: string): Promise<string[]> {
  const events = await store.events(jobId, undefined, 1_000);
  return events.map(({ event }) => (event.type === 'message' ? event.text : event.type === 'state' ? `${event.state} ${event.attempt}` : event.type));
}

/** The code that a call fails with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => 'no error', (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error));
}
