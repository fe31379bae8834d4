import { z } from 'zod';
import { operation } from '../operation.js';

export const getMetrics = operation({
  method: 'get',
  path: '/metrics',
  id: 'getMetrics',
  access: 'everybody',
  tag: 'Service',
  summary: 'Metrics for Prometheus',
  responses: { 200: { description: 'The metrics in Prometheus\' text format.', content: { 'text/plain': z.string() } } },
  async handle(_call, { metrics: { registry } }) {
    return { status: 200, body: { type: registry.contentType, content: await registry.metrics() } };
  },
});
