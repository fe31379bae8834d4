import type { Redis } from 'ioredis';
import { Link } from './link.js';

/** What a Redis tells of itself; undefined where a managed one hides it. */
export interface RedisFacts {
  readonly version: string | undefined;
  /** How soon the append-only file is on disk: `always`, `everysec`, `no`. */
  readonly appendfsync: string | undefined;
  /** Replicas that must have a write in reach before it is taken. */
  readonly minReplicas: number | undefined;
  /** Replicas that hang on it now. */
  readonly replicas: number | undefined;
  /** How far its clock is ahead of ours, in milliseconds. */
  readonly aheadMs: number;
}

/** Asks a Redis what it is. Throws `store-unavailable`. */
export async function redisFacts(redis: Redis): Promise<RedisFacts> {
  return new Link(redis).call(async (link) => {
    const before = Date.now();
    const [seconds = 0, microseconds = 0] = (await link.time()).map(Number);
    const middle = (before + Date.now()) / 2;
    const [server, replication] = [await told(link.info('server')), await told(link.info('replication'))];
    const setting = async (name: string): Promise<string | undefined> => {
      const reply = await link.config('GET', name).catch(() => []);
      return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
    };
    const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
    return {
      version: /^redis_version:(\S+)/m.exec(server)?.[1],
      appendfsync: await setting('appendfsync'),
      minReplicas: number(await setting('min-replicas-to-write')),
      replicas: number(/^connected_slaves:(\d+)/m.exec(replication)?.[1]),
      aheadMs: seconds * 1000 + microseconds / 1000 - middle,
    };
  });
}

/** A managed Redis may refuse to tell; a lost connection is known by the next call. */
async function told(answer: Promise<string>): Promise<string> {
  return answer.catch(() => '');
}
