import type { Redis } from 'ioredis';
import { connect } from '../../../store/connection.js';
import type { Claim, Owner } from '../../../store/contract.js';
import { Store } from '../../../store/store.js';
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

/** The code that a call fails with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => 'no error', (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error));
}
