import { context, propagation, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { JobRecord } from '../../model/job.js';
import type { Outcome } from './attempt.js';

const tracer = trace.getTracer('clusterwright');

/**
 * The span of an attempt at a job: under the queue's where a wake-up began it, else under the request that asked for the job. Free where traces are off.
 */
export function beginTrace({ id, cluster, kind, attempt, trace: traceparent }: JobRecord): Span {
  const active = context.active();
  const parent = trace.getSpan(active) === undefined && traceparent !== undefined ? propagation.extract(active, { traceparent }) : active;
  return tracer.startSpan(`job ${kind}`, {
    attributes: { 'clusterwright.job.id': id, 'clusterwright.job.kind': kind, 'clusterwright.job.attempt': attempt, 'clusterwright.cluster': cluster },
  }, parent);
}

/** Ends the span with a span for each phase that was begun in this attempt, with the times that the record tells callers too. */
export function endTrace(span: Span, { phases, startedAt, state, error }: JobRecord, outcome: Outcome, begun: Date): void {
  const inside = trace.setSpan(context.active(), span);
  for (const phase of phases) {
    if (phase.startedAt === null || new Date(phase.startedAt) < begun) continue;
    const part = tracer.startSpan(`phase ${phase.name}`, { startTime: new Date(phase.startedAt), attributes: { 'clusterwright.phase.state': phase.state } }, inside);
    if (phase.state === 'failed') part.setStatus({ code: SpanStatusCode.ERROR });
    part.end(phase.endedAt === null ? new Date() : new Date(phase.endedAt));
  }
  span.setAttributes({ 'clusterwright.outcome': outcome, 'clusterwright.job.state': state, ...(startedAt === null ? {} : { 'clusterwright.job.started_at': startedAt }) });
  // The text of an error is for the job's readers; its code says enough here.
  if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
  span.end();
}
