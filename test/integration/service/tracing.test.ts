import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { request } from '../api/harness.js';
import { useService } from '../../support/use-service.js';

const attributeSchema = z.object({ key: z.string(), value: z.looseObject({ stringValue: z.string().optional() }) });
const spanSchema = z.looseObject({
  traceId: z.string(), spanId: z.string(), parentSpanId: z.string().optional(), name: z.string(), startTimeUnixNano: z.string(), endTimeUnixNano: z.string(), attributes: z.array(attributeSchema),
});
const exportSchema = z.object({
  resourceSpans: z.array(z.object({ resource: z.object({ attributes: z.array(attributeSchema) }), scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});
type Span = z.infer<typeof spanSchema> & { service: string | undefined };

/** What takes traces by OTLP over HTTP, as a collector does. */
async function startCollector() {
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const spans = (): Span[] => bodies.flatMap((body) => exportSchema.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
  }));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, spans, stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }) };
}

const collector = await startCollector();
afterAll(() => collector.stop());

describe('a service whose traces go to a collector', () => {
  const { service, portal } = useService({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' });

  it('tells one story from the portal\'s request over the queue and the operation to its phases', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await fetch(`${service.url}/clusters?dryRun=true`, {
      method: 'POST', headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` }, body: JSON.stringify(request('traced', { labels: { planted: 'never-in-a-span' } })),
    });
    const { job } = z.object({ job: z.object({ id: z.string() }) }).parse(await answer.json());
    const done = await portal.ended(job.id);
    expect(done.state).toBe('succeeded');

    const story = () => collector.spans().filter((span) => span.traceId === traceId);
    await expect.poll(() => story().map(({ name }) => name), { timeout: 20_000 }).toEqual(expect.arrayContaining(['POST /clusters', 'job preview', 'phase preflight', 'phase plan']));
    const named = (name: string) => story().find((span) => span.name === name);
    const asked = named('POST /clusters');
    const operation = named('job preview');
    expect(asked).toMatchObject({ service: 'clusterwright-api', parentSpanId: 'b7ad6b7169203331' });
    expect(operation).toMatchObject({ service: 'clusterwright-worker' });
    expect(operation?.attributes).toContainEqual({ key: 'clusterwright.job.id', value: { stringValue: job.id } });
    for (const phase of ['phase preflight', 'phase plan']) expect(named(phase)?.parentSpanId).toBe(operation?.spanId);
    // The queue's span lies between the operation and the request.
    const queued = story().find(({ spanId }) => spanId === operation?.parentSpanId);
    expect(queued?.name).toContain('process');
    expect(queued?.parentSpanId).toBe(asked?.spanId);
    expect(Number(operation?.endTimeUnixNano) - Number(operation?.startTimeUnixNano)).toBeGreaterThan(1e8);
    expect(collector.bodies.join('\n')).not.toContain('never-in-a-span');
  });

  it('does not tell of what is asked every few seconds', async () => {
    await fetch(`${service.url}/healthz`);
    await fetch(`${service.url}/templates`);
    await expect.poll(() => collector.spans().map(({ name }) => name), { timeout: 10_000 }).toContain('GET /templates');
    expect(collector.spans().filter(({ name }) => name.includes('healthz'))).toEqual([]);
  });
});
