import { apiServerPort, endpointName } from '../../../model/names.js';
import { highlyAvailable, type ValuesInput } from './context.js';

/** Calico's operator: the API server's stable name (there is no service address before Calico runs), the pod network, replicas of its controllers. */
export function tigeraOperator({ spec }: ValuesInput): Record<string, unknown> {
  return {
    kubernetesServiceEndpoint: { host: endpointName(spec.name, spec.network.domain), port: String(apiServerPort) },
    installation: {
      controlPlaneReplicas: highlyAvailable(spec) ? 2 : 1,
      // A node takes blocks of 64 addresses, as many as it needs.
      calicoNetwork: { ipPools: [{ name: 'pods', cidr: spec.network.podCidr, encapsulation: 'VXLAN', natOutgoing: 'Enabled', blockSize: 26, nodeSelector: 'all()' }] },
    },
  };
}
