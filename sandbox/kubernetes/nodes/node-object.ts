import { authoritiesLabel, authoritiesMark, type NodeFacts } from '../../../model/rendezvous.js';
import type { KubeObject } from '../json.js';
import type { NodeMachine } from './node-cloud.js';

/** The Node object that kubelet and cloud controller make of a machine, which came in with these CAs. Whether it is Ready is worked out when it is read. */
export function nodeObject(machine: NodeMachine, facts: NodeFacts, trusted: string | undefined): KubeObject {
  const { name, providerId, zone, machineType, address, cpu, memoryGiB, architecture, kernel } = machine;
  const controlPlane = facts.role === 'control-plane';
  const capacity = { cpu: String(cpu), memory: `${memoryGiB * 1024 * 1024}Ki`, pods: '110' };
  const taints = [...(controlPlane ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : []), ...facts.taints];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': architecture,
        'node.kubernetes.io/instance-type': machineType, 'topology.kubernetes.io/region': facts.region, 'topology.kubernetes.io/zone': zone,
        ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        ...(facts.pool === null ? {} : { 'clusterwright.io/pool': facts.pool }),
        ...(controlPlane || trusted === undefined ? {} : { [authoritiesLabel]: authoritiesMark(trusted) }),
        ...facts.labels,
      },
    },
    spec: { providerID: providerId, ...(taints.length > 0 ? { taints } : {}) },
    status: {
      addresses: [{ type: 'InternalIP', address }, { type: 'InternalDNS', address: name }, { type: 'Hostname', address: name }],
      capacity, allocatable: capacity,
      conditions: [
        { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' }, { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
        { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
      ],
      nodeInfo: {
        kubeletVersion: `v${facts.kubernetesRelease}`, kubeProxyVersion: '', osImage: 'Ubuntu 24.04 LTS', operatingSystem: 'linux', architecture,
        containerRuntimeVersion: 'containerd://2.1.4', kernelVersion: kernel, machineID: providerId, systemUUID: providerId, bootID: providerId,
      },
    },
  };
}
