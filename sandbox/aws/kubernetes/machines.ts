import type { Item } from '../../inventory/item.js';
import type { NodeMachine } from '../../kubernetes/nodes/node-cloud.js';
import { text } from '../../provider/properties.js';

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

/** What the Node of an instance tells: its name is the private DNS name, as the cloud provider for AWS wants it. */
export function describeInstance(instance: Item): NodeMachine {
  const zone = text(instance.outputs, 'availabilityZone') ?? '';
  const machineType = text(instance.outputs, 'instanceType') ?? '';
  return {
    name: text(instance.outputs, 'privateDns') ?? instance.id, providerId: `aws:///${zone}/${instance.id}`, zone, machineType,
    address: text(instance.outputs, 'privateIp') ?? '', kernel: '6.8.0-aws', ...capacityOf(machineType),
  };
}

/** Since when an instance runs, in sandbox time; null while it is stopped. */
export function runningSince({ outputs, readyAt }: Item): number | null {
  return text(outputs, 'instanceState') === 'stopped' ? null : readyAt;
}

/** The user data of an instance. */
export function userDataOf({ outputs }: Item): Buffer | undefined {
  const encoded = text(outputs, 'userDataBase64');
  const plain = text(outputs, 'userData');
  return encoded !== undefined ? Buffer.from(encoded, 'base64') : plain !== undefined ? Buffer.from(plain) : undefined;
}
