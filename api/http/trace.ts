import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { routeOf } from '../metrics/request-time.js';

const tracer = trace.getTracer('clusterwright');

/** What is asked every few seconds by machines and tells nothing. */
const untraced = new Set(['/healthz', '/readyz', '/metrics']);

/** A span for each request, in the caller's trace where it names one; free where traces are off. Names and attributes are OpenTelemetry's for HTTP servers. */
export const traceRequests: RequestHandler = (request, response, next) => {
  if (untraced.has(request.path)) return next();
  const parent = propagation.extract(context.active(), request.headers);
  const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method } }, parent);
  response.once('close', () => {
    const route = routeOf.get(response);
    if (route !== undefined) span.updateName(`${request.method} ${route}`).setAttribute('http.route', route);
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
};

/** The request's place in its trace, as `traceparent` says it (W3C Trace Context); undefined where traces are off. */
export function currentTrace(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'];
}
