import { azureMachineType } from '../../../model/clouds/azure.js';
import type { Item } from '../../inventory/item.js';
import type { NodeMachine } from '../../kubernetes/nodes/node-cloud.js';
import { object, text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { addressOf, hostNameOf, zoneNumberOf } from '../machines.js';

/** vCPUs and memory of a VM size: the catalogue's, else by the number in its name with four GiB each. */
export function capacityOf(size: string): Pick<NodeMachine, 'cpu' | 'memoryGiB' | 'architecture'> {
  const known = azureMachineType(size);
  const cpu = known?.vcpus ?? Math.max(1, Number(/^Standard_[A-Z]+(\d+)/.exec(size)?.[1] ?? 2));
  // https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions: a feature `p` is an Arm processor.
  return { cpu, memoryGiB: known?.memoryGiB ?? cpu * 4, architecture: /^Standard_[A-Z]+[\d-]+[a-z]*p/.test(size) ? 'arm64' : 'amd64' };
}

/** What the Node of a machine tells: its name is the host's, in small letters as kubelet has it; cloud-provider-azure makes ids of Resource Manager's. */
export function describeMachine(cloud: Cloud, machine: Item): NodeMachine {
  const machineType = text(object(machine.outputs, 'hardwareProfile'), 'vmSize') ?? '';
  return {
    name: hostNameOf(machine).toLowerCase(), providerId: `azure://${machine.id}`, zone: `${machine.region ?? ''}-${zoneNumberOf(machine)}`, machineType,
    address: addressOf(cloud, machine), kernel: '6.8.0-azure', ...capacityOf(machineType),
  };
}
