import { Redis, type RedisOptions } from 'ioredis';
import { redisAddress } from '../model/redis-url.js';

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
  return open(redisUrl, {
    ...common,
    connectionName: connectionName(purpose),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
}

/** A connection for BullMQ workers, whose blocking reads wait for ever, also for a Redis that is gone for a while. */
export function connectForWorker(redisUrl: string, purpose: string): Redis {
  return open(redisUrl, { ...common, socketTimeout: undefined, connectionName: connectionName(purpose), maxRetriesPerRequest: null });
}

/** Sentinels are asked again after this time, in milliseconds, where none of them knows a primary: an election takes seconds. */
const sentinelRetryMs = 500;

/** With Sentinels, the primary is looked for anew at every connection, so also after a failover. */
function open(redisUrl: string, options: RedisOptions): Redis {
  const address = redisAddress(redisUrl);
  switch (address.kind) {
    case 'server':
      return quiet(new Redis(address.url, options));
    case 'sentinel': {
      const { sentinels, name, username, password, sentinelAuth, db, tls } = address;
      const user = username === undefined ? {} : { username };
      const secret = password === undefined ? {} : { password };
      return quiet(new Redis({
        ...options, sentinels: [...sentinels], name, db, ...user, ...secret, sentinelRetryStrategy: () => sentinelRetryMs,
        ...(sentinelAuth && username !== undefined ? { sentinelUsername: username } : {}), ...(sentinelAuth && password !== undefined ? { sentinelPassword: password } : {}),
        ...(tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
      }));
    }
  }
}

function connectionName(purpose: string): string {
  return `clusterwright-${purpose}`;
}

/** A lost connection is reported by the calls that fail of it; without a listener, ioredis would print each attempt. */
export function quiet(redis: Redis): Redis {
  return redis.on('error', () => undefined);
}
