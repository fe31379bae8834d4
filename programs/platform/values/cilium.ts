import { apiServerPort, endpointName } from '../../../model/names.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/**
 * What the mesh needs of Cilium: that Services are led to a pod where connections leave the pod, after the mesh has seen what was meant; a place for its plugin beside Cilium's; and no masquerading by eBPF,
 * which does not know the address that probes have in pods of the mesh. https://istio.io/latest/docs/ambient/install/platform-prerequisites/#cilium
 */
const besideMesh = { socketLB: { hostNamespaceOnly: true }, cni: { exclusive: false }, bpf: { masquerade: false } };

/** Cilium: the API server's stable name (there is no service address before it runs), the pod network, replicas, monitors of agents and operator, and what a mesh needs of it. */
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
    ...(spec.platform.mesh === 'istio-ambient' ? besideMesh : {}),
  };
}
