import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** metrics-server: replicas, and its own metrics, which anybody may then read, only where somebody does. */
export function metricsServer({ spec }: ValuesInput): Record<string, unknown> {
  return {
    replicas: highlyAvailable(spec) ? 2 : 1,
    metrics: { enabled: monitored(spec) },
    serviceMonitor: { enabled: monitored(spec) },
  };
}
