import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** The collector: replicas, all of which take traces, their disruption budget, and metrics. */
export function opentelemetryCollector({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return {
    replicaCount: available ? 2 : 1,
    podDisruptionBudget: { enabled: available },
    serviceMonitor: { enabled: monitored(spec) },
  };
}
