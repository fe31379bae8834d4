import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** cert-manager: replicas of its three parts, ServiceMonitor. */
export function certManager({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  // One leads and one waits.
  const replicas = available ? 2 : 1;
  return {
    replicaCount: replicas,
    cainjector: { replicaCount: replicas },
    // All of them answer, and what they do not answer is refused.
    webhook: { replicaCount: available ? 3 : 1 },
    prometheus: { servicemonitor: { enabled: monitored(spec) } },
  };
}
