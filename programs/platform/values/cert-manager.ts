import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** cert-manager: replicas of its three parts, whether it looks at Gateways too, ServiceMonitor. */
export function certManager({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  // One leads and one waits.
  const replicas = available ? 2 : 1;
  return {
    replicaCount: replicas,
    cainjector: { replicaCount: replicas },
    // All of them answer, and what they do not answer is refused.
    webhook: { replicaCount: available ? 3 : 1 },
    // It looks for the Gateway API's definitions when it starts, and does not start without them.
    ...(spec.platform.gateway === 'traefik' ? { config: { apiVersion: 'controller.config.cert-manager.io/v1alpha1', kind: 'ControllerConfiguration', gatewayAPI: { enabled: true } } } : {}),
    prometheus: { servicemonitor: { enabled: monitored(spec) } },
  };
}
