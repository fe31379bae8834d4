import type { Redis } from 'ioredis';
import { ClusterwrightError, isClusterwrightError } from '../model/errors.js';

/** How long a call waits for a connection that is being made, and how long it may take altogether, in ms. */
const connectPatience = 1_000;
const callLimit = 1_800;

/** Replies that say "not now": loading after a start, a failover, a full disk or memory. */
const unavailableReplies = /^(LOADING|READONLY|MISCONF|OOM|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|NOAUTH|WRONGPASS)\b/;

/**
 * The way to Redis that every call of the store takes: it ends within 2 s, with `store-unavailable` when Redis is gone, slow or refuses
 * writes. A call that was cut off in the middle may have happened; the caller repeats it under its idempotency key.
 */
export class Link {
  readonly redis: Redis;
  #ready: Promise<void> | undefined;

  constructor(redis: Redis) {
    this.redis = redis;
  }

  /** Runs a piece of work that talks to Redis, under one limit for all of it. */
  async call<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
    try {
      return await limited(this.#connected().then(() => work(this.redis)));
    } catch (error) {
      throw isRedisTrouble(error) ? unavailable(error) : error;
    }
  }

  async #connected(): Promise<void> {
    if (this.redis.status === 'ready') return;
    if (this.redis.status === 'end') throw new ConnectionLost('the connection was closed');
    this.#ready ??= becomesReady(this.redis, connectPatience).finally(() => (this.#ready = undefined));
    await this.#ready;
  }
}

class ConnectionLost extends Error {}

/** Waits until a connection can be used: made, and the server's data loaded. Failed attempts in between do not matter. */
export async function becomesReady(redis: Redis, limitMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const onReady = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off('ready', onReady);
      reject(new ConnectionLost('there is no connection'));
    }, limitMs);
    redis.once('ready', onReady);
  });
}

function limited<Result>(work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    // After a blocked event loop the answer may be there already, unread: setImmediate lets it in before giving up.
    const timer = setTimeout(() => setImmediate(() => reject(new ConnectionLost('there was no answer in time'))), callLimit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** ioredis has no classes for most connection errors; a reply's error is a `ReplyError`, all else of its making is about the connection. */
function isRedisTrouble(error: unknown): error is Error {
  if (!(error instanceof Error) || isClusterwrightError(error)) return false;
  if (error instanceof ConnectionLost) return true;
  if (error.name === 'ReplyError') return unavailableReplies.test(error.message);
  return error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError' || 'syscall' in error
    || /Connection is closed|Stream isn't writeable|Command timed out|Socket timeout|Socket closed/.test(error.message);
}

function unavailable(cause: Error): ClusterwrightError {
  const word = cause instanceof ConnectionLost ? cause.message : (/^[A-Z]+\b/.exec(cause.message)?.[0] ?? 'the connection was lost');
  return new ClusterwrightError('store-unavailable', `Redis cannot be used at the moment: ${word}.`, { cause });
}
