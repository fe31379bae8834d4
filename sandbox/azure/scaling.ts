import { randomUUID } from 'node:crypto';
import type { Inventory } from '../inventory/inventory.js';
import type { Item } from '../inventory/item.js';
import { identity, tagMap } from '../inventory/tags.js';
import type { PropertyMap } from '../protocol/values.js';
import { number, object, objects, text, texts } from '../provider/properties.js';
import { freeAddress } from './addresses.js';
import { lookUp, type Cloud } from './cloud.js';
import { nameOf } from './ids.js';
import { shownImage } from './images.js';
import * as tokens from './types/tokens.js';

/** Makes every scale set hold as many instances as its capacity says, now and on every later change of it. */
export function followCapacity(cloud: Cloud): void {
  const { inventory } = cloud;
  const sets = new ScaleSets(cloud);
  const follow = (item: Item): void => {
    if (item.type === tokens.virtualMachineScaleSet) sets.adjust(item);
  };
  inventory.subscribe({
    created: follow,
    updated: follow,
    deleted(item) {
      const set = item.type === tokens.virtualMachineScaleSetVm ? inventory.get(tokens.virtualMachineScaleSet, item.parent?.id ?? '') : undefined;
      if (set !== undefined) sets.lowered(set);
    },
  });
}

/** The instances of a set, oldest first. */
export function instancesOf(inventory: Inventory, set: Item): Item[] {
  return inventory.childrenOf(set, tokens.virtualMachineScaleSetVm).sort((one, other) => Number(nameOf(one.id)) - Number(nameOf(other.id)));
}

class ScaleSets {
  /** Sets that are being adjusted: their own launches and removals are no news. */
  readonly #busy = new Set<string>();
  /** The number of the next instance; numbers are not used again while the sandbox runs. */
  readonly #next = new Map<string, number>();

  constructor(private readonly cloud: Cloud) {}

  adjust(set: Item): void {
    if (this.#busy.has(set.id)) return;
    this.#busy.add(set.id);
    const wanted = number(object(set.outputs, 'sku'), 'capacity') ?? 0;
    const running = instancesOf(this.cloud.inventory, set);
    for (let count = running.length; count < wanted; count += 1) this.#launch(set);
    for (const surplus of running.slice(wanted)) this.cloud.inventory.delete(surplus);
    this.#busy.delete(set.id);
  }

  /** Who deletes an instance lowers the capacity: the set makes no other in its place. */
  lowered(set: Item): void {
    if (this.#busy.has(set.id)) return;
    const capacity = instancesOf(this.cloud.inventory, set).length;
    // What was asked for changes too: azure-native's refresh takes over into the inputs what differs in the outputs.
    this.cloud.inventory.update({
      ...set,
      inputs: { ...set.inputs, sku: { ...object(set.inputs, 'sku'), capacity } },
      outputs: { ...set.outputs, sku: { ...object(set.outputs, 'sku'), capacity } },
    });
  }

  /** Launches one instance in the emptiest of the set's zones. */
  #launch(set: Item): void {
    const { inventory, clock, latency } = this.cloud;
    const running = instancesOf(inventory, set);
    const number_ = Math.max(this.#next.get(set.id) ?? 0, Number(nameOf(running.at(-1)?.id ?? '-1')) + 1);
    this.#next.set(set.id, number_ + 1);
    const [zone] = texts(set.outputs, 'zones')
      .map((name): [string, number] => [name, running.filter((one) => texts(one.outputs, 'zones')[0] === name).length])
      .reduce<[string | undefined, number]>((least, next) => (next[1] < least[1] ? next : least), [undefined, Number.POSITIVE_INFINITY]);
    const id = `${set.id}/virtualMachines/${number_}`;
    const now = clock.now();
    const own = identity(set.outputs['tags']);
    const item: Item = {
      type: tokens.virtualMachineScaleSetVm,
      id,
      cluster: own.cluster ?? set.cluster,
      uid: own.uid ?? set.uid,
      resource: own.resource ?? set.resource,
      parent: { type: set.type, id: set.id },
      region: set.region,
      inputs: instanceInputs(set, number_),
      outputs: {
        ...instanceOutputs(set, number_, zone),
        storageProfile: this.#storageOf(set),
        name: `${nameOf(set.id)}_${number_}`,
        instanceId: String(number_),
        vmId: randomUUID(),
        timeCreated: clock.timestamp(),
        networkProfile: { networkInterfaces: configurationsOf(set).map((configuration) => ({ id: interfaceId(id, configuration), primary: configuration['primary'] === true })) },
      },
      createdAt: now,
      readyAt: now + latency.milliseconds(45),
    };
    inventory.create(item);
    for (const configuration of configurationsOf(set)) inventory.create(this.#interface(item, configuration));
  }

  /** What an instance is made from is settled when it is launched. */
  #storageOf(set: Item): PropertyMap {
    const storage = object(object(set.outputs, 'virtualMachineProfile'), 'storageProfile');
    return { ...storage, imageReference: shownImage(object(storage, 'imageReference'), this.cloud.ubuntu) };
  }

  /** Its network interface, which is seen only through the instance. */
  #interface(instance: Item, configuration: PropertyMap): Item {
    const id = interfaceId(instance.id, configuration);
    const taken = new Set<string>();
    const ipConfigurations = objects(configuration, 'ipConfigurations').map((one) => {
      const subnet = lookUp(this.cloud, tokens.subnet, text(object(one, 'subnet'), 'id') ?? '');
      const privateIPAddress = subnet === undefined ? '' : freeAddress(this.cloud, subnet, taken);
      taken.add(privateIPAddress);
      return { primary: true, ...one, id: `${id}/ipConfigurations/${text(one, 'name') ?? ''}`, privateIPAddress, privateIPAllocationMethod: 'Dynamic' };
    });
    return {
      ...instance,
      type: tokens.networkInterface,
      id,
      parent: { type: instance.type, id: instance.id },
      inputs: {},
      outputs: {
        name: text(configuration, 'name') ?? '',
        type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces',
        primary: configuration['primary'] === true,
        ipConfigurations,
        ...(configuration['networkSecurityGroup'] === undefined ? {} : { networkSecurityGroup: configuration['networkSecurityGroup'] }),
        virtualMachine: { id: instance.id },
        provisioningState: 'Succeeded',
      },
    };
  }
}

function configurationsOf(set: Item): PropertyMap[] {
  return objects(object(object(set.outputs, 'virtualMachineProfile'), 'networkProfile'), 'networkInterfaceConfigurations');
}

function interfaceId(instanceId: string, configuration: PropertyMap): string {
  return `${instanceId}/networkInterfaces/${text(configuration, 'name') ?? ''}`;
}

/** The prefix and six base-36 digits. https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-instance-ids */
function computerName(set: Item, number_: number): string {
  const prefix = text(object(object(set.outputs, 'virtualMachineProfile'), 'osProfile'), 'computerNamePrefix') ?? nameOf(set.id);
  return prefix + number_.toString(36).toUpperCase().padStart(6, '0');
}

/** What the instance was launched with, custom data included: later changes of the set's model do not reach it. */
function instanceInputs(set: Item, number_: number): PropertyMap {
  const profile = object(set.inputs, 'virtualMachineProfile');
  const { computerNamePrefix: _prefix, ...osProfile } = object(profile, 'osProfile');
  return {
    osProfile: { ...osProfile, computerName: computerName(set, number_) },
    ...(profile['userData'] === undefined ? {} : { userData: profile['userData'] }),
  };
}

function instanceOutputs(set: Item, number_: number, zone: string | undefined): PropertyMap {
  const profile = object(set.outputs, 'virtualMachineProfile');
  const { computerNamePrefix: _prefix, ...osProfile } = object(profile, 'osProfile');
  return {
    type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
    location: set.region ?? '',
    tags: { ...tagMap(set.outputs['tags']) },
    sku: { name: text(object(set.outputs, 'sku'), 'name') ?? '', tier: 'Standard' },
    hardwareProfile: { vmSize: text(object(set.outputs, 'sku'), 'name') ?? '' },
    identity: object(set.outputs, 'identity'),
    osProfile: { ...osProfile, computerName: computerName(set, number_) },
    securityProfile: object(profile, 'securityProfile'),
    networkProfileConfiguration: object(profile, 'networkProfile'),
    zones: zone === undefined ? [] : [zone],
    latestModelApplied: true,
    modelDefinitionApplied: 'VirtualMachineScaleSet',
    provisioningState: 'Succeeded',
  };
}
