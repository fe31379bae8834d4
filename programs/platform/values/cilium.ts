import { apiServerPort, endpointName } from '../../../model/names.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Cilium: the API server's stable name (there is no service address before it runs), the pod network, replicas, and monitors of agents and operator. */
export function cilium({ spec }: ValuesInput): Record<string, unknown> {
  const replicas = highlyAvailable(spec) ? 2 : 1;
  const serviceMonitor = { enabled: monitored(spec) };
  return {
    k8sServiceHost: endpointName(spec.name, spec.network.domain),
    k8sServicePort: apiServerPort,
    cluster: { name: spec.name },
    ipam: { operator: { clusterPoolIPv4PodCIDRList: [spec.network.podCidr] } },
    operator: { replicas, prometheus: { serviceMonitor } },
    hubble: { relay: { replicas } },
    prometheus: { serviceMonitor },
  };
}
