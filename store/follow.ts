import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';
import type { JobEvent } from '../model/event.js';
import { quiet } from './connection.js';
import { checkedId, compareIds, endsJob, eventFrom, newestEvent, streamKey } from './events.js';
import { becomesReady, type Link } from './link.js';

/** How long one read waits for events, in ms. A new follower joins with the next read. */
const readMs = 250;
/** Events of one stream per read; a follower that has as many unread is left out until it has caught up. */
const batch = 500;
/** Pause before the next try after a failed read, and patience with a connection that is being made, in ms. */
const retryMs = 500;

const replySchema = z.array(z.tuple([z.string(), z.array(z.unknown())])).nullable();

/** One reader of one job's events: where it stands, and what it has not taken yet. */
interface Follower {
  readonly stream: string;
  last: string;
  readonly unread: JobEvent[];
  /** Why it cannot be given more: an event that cannot be read. */
  failure?: Error;
  wake: () => void;
}

/**
 * Followers of event streams. All of them share one connection, which reads all their streams at once and exists while there are any.
 * Each follower stands at its own id, so it misses nothing and gets nothing twice, whatever the others have read.
 */
export class EventFollowers {
  readonly #link: Link;
  readonly #followers = new Set<Follower>();
  #connection: Redis | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * The events of a job behind `after`, as they happen, up to the one that ends it or until `signal` is aborted. Outlives Redis' absence.
   * Throws `job-not-found`, `invalid-parameter`, and `store-unavailable` if Redis is gone at the start.
   */
  async *follow(jobId: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<JobEvent, void, void> {
    const start = after === undefined ? '0-0' : checkedId(after);
    const newest = await newestEvent(this.#link, jobId);
    if (newest === undefined) throw new ClusterwrightError('job-not-found', `There is no job ${jobId}.`, { resource: jobId });
    if (endsJob(newest) && compareIds(newest.id, start) <= 0) return;

    const follower: Follower = { stream: streamKey(jobId), last: start, unread: [], wake: () => undefined };
    const onAbort = (): void => follower.wake();
    signal.addEventListener('abort', onAbort);
    this.#join(follower);
    try {
      while (!signal.aborted) {
        const event = follower.unread.shift();
        if (event === undefined) {
          if (follower.failure !== undefined) throw follower.failure;
          await new Promise<void>((resolve) => (follower.wake = resolve));
          continue;
        }
        yield event;
        if (endsJob(event)) return;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#leave(follower);
    }
  }

  #join(follower: Follower): void {
    this.#followers.add(follower);
    if (this.#connection !== undefined) return;
    this.#connection = quiet(this.#link.redis.duplicate({ connectionName: 'clusterwright-events' }));
    void this.#readFor(this.#connection);
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#connection?.disconnect();
    this.#connection = undefined;
  }

  /** Reads until the connection is not the current one any more. */
  async #readFor(connection: Redis): Promise<void> {
    while (this.#connection === connection) {
      try {
        await becomesReady(connection, retryMs);
        const positions = this.#positions();
        if (positions.size === 0) {
          await sleep(10);
          continue;
        }
        const reply = await connection.xread('COUNT', batch, 'BLOCK', readMs, 'STREAMS', ...positions.keys(), ...positions.values());
        for (const [stream, entries] of replySchema.parse(reply) ?? []) this.#deliver(stream, positions.get(stream) ?? '0-0', entries);
      } catch {
        // Redis is gone, or the last follower has left: the loop's condition tells.
        await sleep(retryMs);
      }
    }
  }

  /** The oldest position at each stream among the followers that have room for more. */
  #positions(): Map<string, string> {
    const positions = new Map<string, string>();
    for (const { stream, last, unread, failure } of this.#followers) {
      const position = positions.get(stream);
      if (failure === undefined && unread.length < batch && (position === undefined || compareIds(last, position) < 0)) positions.set(stream, last);
    }
    return positions;
  }

  /** Hands what was read behind `position` to those that stand there or further; for others (full, or just joined) it would leave a gap. */
  #deliver(stream: string, position: string, entries: readonly unknown[]): void {
    const ready = [...this.#followers].filter((follower) =>
      follower.stream === stream && follower.unread.length < batch && compareIds(follower.last, position) >= 0);
    try {
      const events = entries.map(eventFrom);
      for (const follower of ready) {
        const news = events.filter((event) => compareIds(event.id, follower.last) > 0);
        follower.unread.push(...news);
        follower.last = news.at(-1)?.id ?? follower.last;
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      for (const follower of ready) follower.failure = failure;
    }
    for (const follower of ready) follower.wake();
  }
}
