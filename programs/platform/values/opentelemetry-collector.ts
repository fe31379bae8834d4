import { busyFrom, highlyAvailable, monitored, type ValuesInput } from './context.js';

/** The collector: replicas, all of which take traces, and how many more load may bring, their disruption budget, and metrics. */
export function opentelemetryCollector({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return {
    replicaCount: available ? 2 : 1,
    // Zero takes out the chart's own measure, a share of what is asked for.
    autoscaling: available ? { enabled: true, minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercentage: 0, additionalMetrics: [busyFrom('400m')] } : { enabled: false },
    podDisruptionBudget: { enabled: available },
    serviceMonitor: { enabled: monitored(spec) },
  };
}
