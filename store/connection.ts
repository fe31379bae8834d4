import { Redis, type RedisOptions } from 'ioredis';

export { assertDurable } from './durability.js';

/** Quick at first, then every second: service is back at most that long after Redis is. */
const retryStrategy = (times: number): number => Math.min(50 * times, 1000);

const common: RedisOptions = {
  retryStrategy,
  connectTimeout: 5_000,
  /** After a failover the old primary refuses writes: look for the new one. */
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  /** A reply that is overdue this long means that the peer is gone without a word; the connection is made anew. */
  socketTimeout: 5_000,
};

/**
 * A connection for the store and for adding to queues. Commands fail at once while Redis is gone, and are never kept for later: what a
 * caller was told has failed must not happen afterwards. Reconnects by itself. `purpose` names it in `CLIENT LIST`.
 * The store's own calls wait for a lost connection for a second and then end with `store-unavailable`, within 2 s in any case.
 */
export function connect(redisUrl: string, purpose: string): Redis {
  return quiet(new Redis(redisUrl, {
    ...common,
    connectionName: connectionName(purpose),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }));
}

/** A connection for BullMQ workers, whose blocking reads wait for ever, also for a Redis that is gone for a while. */
export function connectForWorker(redisUrl: string, purpose: string): Redis {
  return quiet(new Redis(redisUrl, { ...common, socketTimeout: undefined, connectionName: connectionName(purpose), maxRetriesPerRequest: null }));
}

function connectionName(purpose: string): string {
  return `clusterwright-${purpose}`;
}

/** A lost connection is reported by the calls that fail of it; without a listener, ioredis would print each attempt. */
export function quiet(redis: Redis): Redis {
  return redis.on('error', () => undefined);
}
