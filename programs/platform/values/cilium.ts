import { apiServerPort, endpointName } from '../../../model/names.js';
import { highlyAvailable, type ValuesInput } from './context.js';

/** Cilium: the API server's stable name (there is no service address before it runs), the pod network, replicas. */
export function cilium({ spec }: ValuesInput): Record<string, unknown> {
  const replicas = highlyAvailable(spec) ? 2 : 1;
  return {
    k8sServiceHost: endpointName(spec.name, spec.network.domain),
    k8sServicePort: apiServerPort,
    cluster: { name: spec.name },
    ipam: { operator: { clusterPoolIPv4PodCIDRList: [spec.network.podCidr] } },
    operator: { replicas },
    hubble: { relay: { replicas } },
  };
}
