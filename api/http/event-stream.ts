import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** An item of a stream: what a reader resumes behind, and the data. */
export interface StreamItem {
  readonly id: string;
  readonly data: unknown;
}

/** A reader that takes nothing for this long is gone, whatever its connection says. */
const stalledMs = 60_000;

/** How long a browser waits before it connects again. */
const reconnectMs = 1000;

/** Options of one stream. */
export interface EventStreamOptions {
  readonly heartbeatMs: number;
  /** Asked after a heartbeat's time without an item: whether nothing will come any more. */
  finished(): Promise<boolean>;
}

/**
 * Writes server-sent events until `items` end, the reader leaves or `stopping` aborts; the signal that `items` gets is aborted in each case. No more is
 * read than the reader takes. Heartbeats are comments: they keep proxies from closing a quiet stream.
 */
export async function streamEvents(
  response: ServerResponse, stopping: AbortSignal, items: (signal: AbortSignal) => AsyncIterable<StreamItem>, options: EventStreamOptions,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  stopping.addEventListener('abort', end, { once: true });
  response.once('close', end);
  if (stopping.aborted || response.destroyed) end();
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  // Asks nginx and its like not to collect the stream.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
  response.write(`retry: ${reconnectMs}\n\n`);
  let quiet = true;
  const heartbeat = setInterval(() => {
    if (response.writableNeedDrain) return;
    response.write(': still here\n\n');
    // A reader that asked for what comes after the last event would wait for ever.
    if (quiet) void options.finished().then((finished) => { if (finished && quiet) end(); }, () => undefined);
    quiet = true;
  }, options.heartbeatMs);
  try {
    for await (const item of items(over.signal)) {
      if (over.signal.aborted) break;
      quiet = false;
      if (!response.write(`id: ${item.id}\ndata: ${JSON.stringify(item.data)}\n\n`)) await drained(response, over.signal);
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
    end();
  }
  if (!response.destroyed) response.end();
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(stalledMs)]) });
  } catch (error) {
    response.destroy();
    throw error;
  }
}
