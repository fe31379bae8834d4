import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Metrics } from './metrics.js';

/** Route pattern of a response, where its path is known. The pattern, not the path: names of clusters would make a series each. */
export const routeOf = new WeakMap<ServerResponse, string>();

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']);

/** Measures the time of each request, until its answer is out or the caller gone. */
export function timeRequests(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const started = process.hrtime.bigint();
    response.once('close', () => {
      if (String(response.getHeader('Content-Type')).startsWith('text/event-stream')) return;
      const labels = { method: knownMethods.has(request.method) ? request.method : 'other', route: routeOf.get(response) ?? 'unknown', status: String(response.statusCode) };
      metrics.requestSeconds.observe(labels, Number(process.hrtime.bigint() - started) / 1e9);
    });
    next();
  };
}
