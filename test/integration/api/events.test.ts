import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobEventSchema, type JobEvent, type JobEventBody } from '../../../model/event.js';
import { connect } from '../../../store/connection.js';
import { becomesReady } from '../../../store/link.js';
import { request, startApi, type RunningApi } from './harness.js';
import { pageOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi({ limits: { heartbeatMs: 100 } }); });
afterAll(() => api.stop());

const create = async (name: string) => (await submissionOf(await api.send('POST', '/clusters', request(name)))).job.id;
const message = (text: string): JobEventBody => ({ type: 'message', severity: 'info', text, resource: null });
const open = (id: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${api.url}/jobs/${id}/events`, { headers: { accept: 'text/event-stream', ...headers }, signal: signal ?? null });

/** The events of a stream as they come; ends with the stream. Comments are counted in `heartbeats`. */
async function* read(response: Response, heartbeats = { count: 0 }): AsyncGenerator<JobEvent> {
  if (!response.body) throw new Error(`no stream: ${response.status}`);
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (block.startsWith(':')) heartbeats.count += 1;
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const event = jobEventSchema.parse(JSON.parse(data));
      expect(/^id: (.*)$/m.exec(block)?.[1]).toBe(event.id);
      yield event;
    }
  }
}

async function all(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const found: JobEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

const texts = (events: readonly JobEvent[]) => events.flatMap(({ event }) => (event.type === 'message' ? [event.text] : []));

describe('the list of events', () => {
  it('is paged by cursor and resumed behind an id', async () => {
    const id = await create('listed-events');
    await api.finish(id, { events: Array.from({ length: 8 }, (_value, index) => message(`m${index}`)) });
    const whole = await pageOf(await api.send('GET', `/jobs/${id}/events`), jobEventSchema);
    expect(whole.nextCursor).toBeNull();
    expect(whole.items.at(-1)?.event).toMatchObject({ type: 'state', state: 'succeeded' });

    const first = await pageOf(await api.send('GET', `/jobs/${id}/events?limit=4`), jobEventSchema);
    const second = await pageOf(await api.send('GET', `/jobs/${id}/events?cursor=${first.nextCursor ?? ''}`), jobEventSchema);
    expect([...first.items, ...second.items]).toEqual(whole.items);
    expect((await pageOf(await api.send('GET', `/jobs/${id}/events?after=${whole.items[2]?.id ?? ''}`), jobEventSchema)).items).toEqual(whole.items.slice(3));
    expect((await api.send('GET', `/jobs/${id}/events?after=1-1&cursor=1-1`)).status).toBe(400);
  });
});

describe('the stream of events', () => {
  it('brings what was, what comes, and ends with the job', async () => {
    const id = await create('streamed');
    const response = await open(id);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const seen = all(read(response));
    const { job, cluster, lease } = await api.claim(id);
    for (let index = 0; index < 5; index += 1) await api.store.write(lease, { events: [message(`m${index}`)] });
    await api.store.finish(lease, { job: { ...job, state: 'succeeded', endedAt: new Date().toISOString() }, ...(cluster ? { cluster: { ...cluster, state: 'ready' } } : {}) });
    const events = await seen;
    expect(texts(events)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(events.flatMap(({ event }) => (event.type === 'state' ? [event.state] : []))).toEqual(['queued', 'running', 'succeeded']);
    expect((await pageOf(await api.send('GET', `/jobs/${id}/events`), jobEventSchema)).items).toEqual(events);
  });

  it('loses and doubles nothing for a client that reconnects again and again while events are written', async () => {
    const id = await create('resumed');
    const { job, cluster, lease } = await api.claim(id);
    const wanted = Array.from({ length: 200 }, (_value, index) => `m${index}`);
    const writing = (async () => {
      for (const text of wanted) await api.store.write(lease, { events: [message(text)] });
      await api.store.finish(lease, { job: { ...job, state: 'succeeded', endedAt: new Date().toISOString() }, ...(cluster ? { cluster: { ...cluster, state: 'ready' } } : {}) });
    })();

    const seen: JobEvent[] = [];
    let connections = 0;
    while (seen.at(-1)?.event.type !== 'state' || seen.length < 10) {
      const last = seen.at(-1)?.id;
      const leave = new AbortController();
      connections += 1;
      try {
        let taken = 0;
        for await (const event of read(await open(id, last === undefined ? {} : { 'last-event-id': last }, leave.signal))) {
          seen.push(event);
          taken += 1;
          if (taken === 17) leave.abort();
        }
      } catch (error) {
        if (!leave.signal.aborted) throw error;
      }
    }
    await writing;
    expect(texts(seen)).toEqual(wanted);
    expect(new Set(seen.map((event) => event.id)).size).toBe(seen.length);
    expect(connections).toBeGreaterThan(5);
  });

  it('brings everything to followers that join at different times', async () => {
    const id = await create('joined');
    const { job, cluster, lease } = await api.claim(id);
    const wanted = Array.from({ length: 120 }, (_value, index) => `m${index}`);
    const followers: Promise<JobEvent[]>[] = [];
    for (const [index, text] of wanted.entries()) {
      if (index % 10 === 0) followers.push(open(id).then((response) => all(read(response))));
      await api.store.write(lease, { events: [message(text)] });
    }
    await api.store.finish(lease, { job: { ...job, state: 'succeeded', endedAt: new Date().toISOString() }, ...(cluster ? { cluster: { ...cluster, state: 'ready' } } : {}) });
    for (const events of await Promise.all(followers)) expect(texts(events)).toEqual(wanted);
  });

  it('is 204 where nothing can come any more', async () => {
    const id = await create('over');
    await api.finish(id);
    const events = await all(read(await open(id)));
    expect((await open(id, { 'last-event-id': events.at(-1)?.id ?? '' })).status).toBe(204);
    expect(await all(read(await open(id, { 'last-event-id': events.at(-2)?.id ?? '' })))).toEqual(events.slice(-1));
  });

  it('beats while nothing happens, and ends when a reader waits behind the last event', async () => {
    const id = await create('quiet');
    const heartbeats = { count: 0 };
    const beyond = open(id, { 'last-event-id': '9999999999999999-0' }).then((response) => all(read(response, heartbeats)));
    await new Promise((resolve) => setTimeout(resolve, 350));
    await api.finish(id);
    expect(await beyond).toEqual([]);
    expect(heartbeats.count).toBeGreaterThanOrEqual(3);
  });

  it('lets go of clients that leave', async () => {
    const id = await create('left');
    const leave = new AbortController();
    await Promise.all(Array.from({ length: 10 }, () => open(id, {}, leave.signal)));
    const streams = async () => Number(/^clusterwright_event_streams (\d+)$/m.exec(await (await api.send('GET', '/metrics')).text())?.[1]);
    const before = await streams();
    expect(before).toBeGreaterThanOrEqual(10);
    leave.abort();
    await expect.poll(streams, { timeout: 5000 }).toBeLessThanOrEqual(before - 10);
  });

  it('ends when Redis has lost the job', async () => {
    const id = await create('lost');
    await api.claim(id);
    const events = open(id).then((response) => all(read(response)));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const redis = connect(api.redis.url, 'test');
    await becomesReady(redis, 10_000);
    await redis.flushall();
    redis.disconnect();
    expect((await events).map(({ event }) => event.type)).toEqual(['state', 'state']);
    expect((await api.send('GET', `/jobs/${id}/events`)).status).toBe(404);
  });

  it('does not open for HEAD', async () => {
    const response = await api.send('HEAD', `/jobs/${await create('headed')}/events`, undefined, { accept: 'text/event-stream' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});
