import { createParser } from 'eventsource-parser';
import { Problem } from './problem.js';
import type { JobEvent } from './shapes.js';

/** How long a stream that broke waits before it asks again, in milliseconds: doubled with each failure up to the last. */
const firstWaitMs = 500;
const longestWaitMs = 10_000;

/** Options of {@link followEvents}. */
export interface FollowOptions {
  /** Id of the last event that was seen: only later ones come. */
  readonly after?: string | undefined;
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Told each time the stream broke and will be asked for again: what broke it, and in how many milliseconds. */
  readonly onInterruption?: ((cause: unknown, waitMs: number) => void) | undefined;
}

/**
 * A job's events from the first, or those after `after`, live, until the one that ended the job has come. A stream that breaks, or ends with its token, is
 * resumed behind the last event seen; the service being away is waited for. Refusals that will stay (404, 403, …) are thrown as {@link Problem}.
 * @param open asks for the stream, with a token that is good now
 */
export async function* followEvents(
  open: (after: string | undefined, signal: AbortSignal | undefined) => Promise<Response>, { after, signal, onInterruption }: FollowOptions = {},
): AsyncGenerator<JobEvent, void, undefined> {
  let last = after;
  let waitMs = firstWaitMs;
  while (!signal?.aborted) {
    try {
      const response = await open(last, signal);
      // Nothing can come any more.
      if (response.status === 204 || response.body === null) return;
      for await (const event of parsed(response.body, signal)) {
        last = event.id;
        waitMs = firstWaitMs;
        yield event;
        if (endsJob(event)) return;
      }
      // The service was stopped, or the token ended.
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof Problem && !error.retryable && error.status < 500 && error.status !== 429) throw error;
      onInterruption?.(error, waitMs);
    }
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

async function* parsed(body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<JobEvent> {
  const events: JobEvent[] = [];
  const parser = createParser({ onEvent: ({ data }) => void events.push(JSON.parse(data) as JobEvent) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // In Node 20 an abort does not reach a body any more once its request was collected as garbage, which a stream outlives.
  const stop = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* events.splice(0);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}

function endsJob({ event }: JobEvent): boolean {
  return event.type === 'state' && (event.state === 'succeeded' || event.state === 'failed' || event.state === 'cancelled');
}

/** Waits, or until aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); signal?.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
}
