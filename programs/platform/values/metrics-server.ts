import { highlyAvailable, type ValuesInput } from './context.js';

/** metrics-server: replicas. */
export function metricsServer({ spec }: ValuesInput): Record<string, unknown> {
  return { replicas: highlyAvailable(spec) ? 2 : 1 };
}
