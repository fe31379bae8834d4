import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** CloudNativePG: replicas of the operator, of which one leads and all answer the webhooks; PodMonitor. */
export function cloudnativePg({ spec }: ValuesInput): Record<string, unknown> {
  return {
    replicaCount: highlyAvailable(spec) ? 2 : 1,
    monitoring: { podMonitorEnabled: monitored(spec) },
  };
}
