import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { BullMQOtel } from 'bullmq-otel';
import type { TraceOf } from '../store/outbox.js';
import type { QueueTelemetry } from '../store/queue.js';
import type { Store } from '../store/store.js';

/** Traces of one process. */
export interface Tracing {
  /** BullMQ's side of them; undefined while traces are off, so that wake-ups carry nothing more. */
  readonly queue: QueueTelemetry | undefined;
  /** How wake-ups go on with the traces of their jobs' requests; undefined while traces are off. */
  traceOf(store: Pick<Store, 'getJob'>): TraceOf | undefined;
  /** Sends what has been gathered. */
  stop(): Promise<void>;
}

/** How long the last spans may take to be sent, in milliseconds. */
const lastSpansMs = 3_000;

/**
 * Sends traces by OTLP over HTTP where OpenTelemetry's own variables name a receiver (`OTEL_EXPORTER_OTLP_ENDPOINT` or `…_TRACES_ENDPOINT`; headers, time-outs and samplers
 * are theirs too), and does nothing otherwise. To be called before anything that is to be traced.
 */
export function startTracing(part: 'api' | 'worker', environment: NodeJS.ProcessEnv = process.env): Tracing {
  const wanted = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!wanted || environment['OTEL_SDK_DISABLED'] === 'true') return { queue: undefined, traceOf: () => undefined, stop: async () => undefined };
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': `clusterwright-${part}` })).merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    queue: new BullMQOtel({ tracerName: 'clusterwright' }),
    traceOf: (store) => async (jobId) => (await store.getJob(jobId))?.trace,
    stop: async () => {
      // A receiver that is away keeps nobody from stopping.
      await Promise.race([provider.shutdown().catch(() => undefined), new Promise((resolve) => { setTimeout(resolve, lastSpansMs).unref(); })]);
    },
  };
}
