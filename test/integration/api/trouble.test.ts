import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, startApi, type RunningApi } from './harness.js';
import { problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const timed = async <T>(work: () => Promise<T>) => {
  const started = performance.now();
  const result = await work();
  return { result, ms: performance.now() - started };
};

function readerOf(response: Response): { until(words: string): Promise<void> } {
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async until(words) {
      while (!text.includes(words)) {
        const chunk = await chunks?.read();
        if (chunk?.value === undefined) throw new Error(`the stream ended without ${words}: ${text}`);
        text += chunk.value;
      }
    },
  };
}

describe.each([
  { trouble: 'gone', begin: () => api.redis.kill(), end: () => api.redis.start() },
  { trouble: 'hanging', begin: () => { api.redis.pause(); return Promise.resolve(); }, end: () => { api.redis.resume(); return Promise.resolve(); } },
])('while Redis is $trouble', ({ trouble, begin, end }) => {
  it('answers 503 within 2 s, and as before when it is back', async () => {
    const name = `before-${trouble}`;
    const { job } = await submissionOf(await api.send('POST', '/clusters', request(name)));
    await begin();
    const calls: [string, string, unknown?][] = [
      ['GET', '/clusters'], ['GET', `/clusters/${name}`], ['GET', '/jobs'], ['GET', `/jobs/${job.id}`], ['GET', `/jobs/${job.id}/events`],
      ['POST', '/clusters', request(`while-${trouble}`)], ['PATCH', `/clusters/${name}`, {}], ['DELETE', `/clusters/${name}`],
    ];
    for (const [method, path, body] of calls) {
      const { result, ms } = await timed(() => api.send(method, path, body));
      expect(await problemOf(result), `${method} ${path}`).toMatchObject({ status: 503, code: 'store-unavailable', retryable: true });
      expect(result.headers.get('retry-after')).toBe('2');
      expect(ms, `${method} ${path}`).toBeLessThan(2000);
    }
    const readiness = await timed(() => api.send('GET', '/readyz'));
    expect(readiness.result.status).toBe(503);
    expect(await readiness.result.json()).toMatchObject({ status: 'not-ready', checks: { redis: 'failed', queue: 'failed' } });
    expect(readiness.ms).toBeLessThan(2000);
    for (const path of ['/healthz', '/templates', '/openapi.json', '/metrics']) expect((await api.send('GET', path)).status, path).toBe(200);

    await end();
    await expect.poll(async () => (await api.send('GET', `/jobs/${job.id}`)).status, { timeout: 10_000 }).toBe(200);
    await expect.poll(async () => (await api.send('GET', '/readyz')).status, { timeout: 10_000 }).toBe(200);
    await submissionOf(await api.send('POST', '/clusters', request(`after-${trouble}`)));
  }, 60_000);

  it('keeps streams open and brings them what follows', async () => {
    const { job } = await submissionOf(await api.send('POST', '/clusters', request(`stream-${trouble}`)));
    const response = await fetch(`${api.url}/jobs/${job.id}/events`, { headers: { accept: 'text/event-stream' } });
    // It is open once it has brought what there was: before that, a reader is cut off and connects again.
    const stream = readerOf(response);
    await stream.until('"state":"queued"');
    await begin();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await end();
    await expect.poll(async () => (await api.send('GET', `/jobs/${job.id}`)).status, { timeout: 10_000 }).toBe(200);
    await api.finish(job.id);
    await stream.until('"state":"succeeded"');
  }, 60_000);
});

it('answers what nobody expected with 500 and none of its text', async () => {
  const secret = 'AKIASECRET at Object.<anonymous> (/srv/app.js:1:1)';
  const broken = await startApi({ catalogue: { keys: () => { throw new Error(secret); } } as never });
  try {
    const response = await broken.send('GET', '/templates');
    const text = await response.clone().text();
    expect(await problemOf(response)).toMatchObject({ status: 500, code: 'internal-error' });
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('.js');
    expect(broken.logged.join('')).toContain('unexpected error while answering a request');
  } finally {
    await broken.stop();
  }
});
