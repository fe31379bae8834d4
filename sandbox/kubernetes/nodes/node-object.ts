import type { NodeFacts } from '../../../model/rendezvous.js';
import { text } from '../../provider/properties.js';
import type { Item } from '../../inventory/item.js';
import type { KubeObject } from '../json.js';

/** GiB of memory per vCPU by the family's first letters; general purpose otherwise. */
const memoryPerCpu: Readonly<Record<string, number>> = { c: 2, r: 8, x: 16 };
const cpusOfSize: Readonly<Record<string, number>> = { nano: 2, micro: 2, small: 2, medium: 2, large: 2, xlarge: 4 };

/** vCPUs and memory of an instance type, by the rule that AWS names its types by; burstable sizes are taken as 2 vCPUs. */
export function capacityOf(instanceType: string): { cpu: number; memoryGiB: number; architecture: 'amd64' | 'arm64' } {
  const [family = '', size = ''] = instanceType.split('.');
  const multiple = /^(\d+)xlarge$/.exec(size);
  const cpu = multiple === null ? (cpusOfSize[size] ?? 2) : Number(multiple[1]) * 4;
  return { cpu, memoryGiB: cpu * (memoryPerCpu[family.slice(0, 1)] ?? 4), architecture: /^[a-z]+\d+[a-z]*g/.test(family) ? 'arm64' : 'amd64' };
}

/** Name of the Kubernetes node of an instance: its private DNS name, as the cloud provider for AWS wants it. */
export function nodeName(instance: Item): string {
  return text(instance.outputs, 'privateDns') ?? instance.id;
}

/** The Node object that kubelet and cloud controller make of a machine. Whether it is Ready is worked out when it is read. */
export function nodeObject(instance: Item, facts: NodeFacts): KubeObject {
  const name = nodeName(instance);
  const instanceType = text(instance.outputs, 'instanceType') ?? '';
  const zone = text(instance.outputs, 'availabilityZone') ?? '';
  const address = text(instance.outputs, 'privateIp') ?? '';
  const { cpu, memoryGiB, architecture } = capacityOf(instanceType);
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
        'node.kubernetes.io/instance-type': instanceType, 'topology.kubernetes.io/region': facts.region, 'topology.kubernetes.io/zone': zone,
        ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
        ...(facts.pool === null ? {} : { 'clusterwright.io/pool': facts.pool }),
        ...facts.labels,
      },
    },
    spec: { providerID: `aws:///${zone}/${instance.id}`, ...(taints.length > 0 ? { taints } : {}) },
    status: {
      addresses: [{ type: 'InternalIP', address }, { type: 'InternalDNS', address: name }, { type: 'Hostname', address: name }],
      capacity, allocatable: capacity,
      conditions: [
        { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' }, { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
        { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
      ],
      nodeInfo: {
        kubeletVersion: `v${facts.kubernetesRelease}`, kubeProxyVersion: '', osImage: 'Ubuntu 24.04 LTS', operatingSystem: 'linux', architecture,
        containerRuntimeVersion: 'containerd://2.1.4', kernelVersion: '6.8.0-aws', machineID: instance.id, systemUUID: instance.id, bootID: instance.id,
      },
    },
  };
}
