import type { Item } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import { Cidr } from '../provider/cidr.js';
import { object, objects, select, text, texts } from '../provider/properties.js';
import type { Cloud } from './cloud.js';
import { AzureError } from './errors.js';
import { sameId } from './types/references.js';
import * as tokens from './types/tokens.js';

/** The ranges of a subnet. */
export function rangesOf(subnet: Item): Cidr[] {
  return [text(subnet.outputs, 'addressPrefix') ?? [], texts(subnet.outputs, 'addressPrefixes')].flat().flatMap((range) => Cidr.parse(range) ?? []);
}

/** The ranges in a virtual network's inputs or outputs. */
export function rangesOfNetwork(network: PropertyMap): Cidr[] {
  return texts(object(network, 'addressSpace'), 'addressPrefixes').flatMap((range) => Cidr.parse(range) ?? []);
}

/** The private addresses in use in a subnet, with what uses them. */
export function addressesIn(cloud: Cloud, subnet: Item): Map<string, Item> {
  const configurations = [
    [tokens.networkInterface, 'ipConfigurations'],
    [tokens.loadBalancer, 'frontendIPConfigurations'],
  ] as const;
  return new Map(
    configurations.flatMap(([type, list]) =>
      cloud.inventory.ofType(type).flatMap((item) =>
        objects(item.outputs, list).flatMap((configuration): [string, Item][] => {
          // Of a frontend whose address the cloud chose: what it shows is a loopback address.
          const address = text(configuration, 'subnetAddress') ?? text(configuration, 'privateIPAddress');
          const here = select(configuration, 'subnet.id').some(({ value }) => typeof value === 'string' && sameId(value, subnet.id));
          return here && address !== undefined ? [[address, item]] : [];
        }),
      ),
    ),
  );
}

/**
 * The lowest free address of a subnet. Azure keeps the first four and the last one for itself
 * (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq).
 * @param besides taken in the same request.
 */
export function freeAddress(cloud: Cloud, subnet: Item, besides: ReadonlySet<string> = new Set()): string {
  const taken = addressesIn(cloud, subnet);
  for (const range of rangesOf(subnet)) {
    for (let offset = 4; offset < range.size - 1; offset += 1) {
      const address = range.at(offset);
      if (!taken.has(address) && !besides.has(address)) return address;
    }
  }
  throw new AzureError('SubnetIsFull', `Subnet ${text(subnet.outputs, 'name') ?? ''} with address prefix ${rangesOf(subnet).map((range) => range.text).join(', ')} does not have enough capacity for 1 IP addresses.`);
}

/** Refuses an address that is not in the subnet, is Azure's own, or another's. */
export function requireAddress(cloud: Cloud, subnet: Item, address: string, owner: string): void {
  const single = Cidr.parse(`${address}/32`);
  const range = single === undefined ? undefined : rangesOf(subnet).find((candidate) => candidate.contains(single));
  if (single === undefined || range === undefined) {
    throw new AzureError('PrivateIPAddressNotInSubnet', `Private static IP address ${address} does not belong to the range of subnet prefix ${rangesOf(subnet).map(({ text: form }) => form).join(', ')}.`);
  }
  const offset = single.first - range.first;
  if (offset < 4 || offset === range.size - 1) {
    throw new AzureError('PrivateIPAddressInReservedRange', `Private static IP address ${address} falls within reserved IP range of subnet prefix ${range.text}.`);
  }
  const user = addressesIn(cloud, subnet).get(address);
  if (user !== undefined && !sameId(user.id, owner)) {
    throw new AzureError('PrivateIPAddressIsAllocated', `IP configuration is using the private IP address ${address} which is already allocated to resource ${user.id}.`);
  }
}
