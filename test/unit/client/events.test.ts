import { expect, it } from 'vitest';
import { followEvents } from '../../../client/events.js';

const event = 'data: {"id":"1-0","at":"2026-01-01T00:00:00.000Z","event":{"type":"state","state":"running","attempt":1,"error":null}}\n\n';

it('ends a stream of events when its signal aborts, also where the answer does not hear of it', async () => {
  let cancelled = false;
  // As an answer is in Node 20 after its request was collected: deaf to the signal.
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => { controller.enqueue(new TextEncoder().encode(event)); },
    cancel: () => { cancelled = true; },
  });
  const abort = new AbortController();
  const events = followEvents(async () => new Response(body), { signal: abort.signal });
  expect((await events.next()).value).toMatchObject({ id: '1-0' });

  const next = events.next();
  abort.abort();

  expect(await next).toEqual({ done: true, value: undefined });
  expect(cancelled).toBe(true);
});
