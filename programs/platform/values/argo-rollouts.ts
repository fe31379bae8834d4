import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Argo Rollouts: replicas, of which one leads, and metrics. */
export function argoRollouts({ spec }: ValuesInput): Record<string, unknown> {
  return {
    controller: {
      replicas: highlyAvailable(spec) ? 2 : 1,
      metrics: { enabled: monitored(spec), serviceMonitor: { enabled: monitored(spec) } },
    },
  };
}
