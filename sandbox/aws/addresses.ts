import { randomInt } from 'node:crypto';
import type { Inventory } from '../inventory/inventory.js';
import type { Item } from '../inventory/item.js';
import { Cidr } from '../provider/cidr.js';
import type { Cloud } from './cloud.js';
import { AwsError } from './errors.js';
import { text } from '../provider/properties.js';

/**
 * The lowest free address of a subnet that is not reserved for who asks for it. AWS keeps the first four and the last one for itself
 * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
 */
export function privateAddress(inventory: Inventory, subnet: Item): string {
  const range = Cidr.parse(text(subnet.outputs, 'cidrBlock') ?? '');
  const taken = addressesIn(inventory, subnet);
  const reserved = inventory.childrenOf(subnet, 'aws:ec2/subnetCidrReservation:SubnetCidrReservation').map((item) => text(item.outputs, 'cidrBlock') ?? '');
  for (let offset = 4; range !== undefined && offset < range.size - 1; offset += 1) {
    const address = range.at(offset);
    if (!taken.has(address) && !reserved.some((part) => contains(part, address))) return address;
  }
  throw new AwsError('InsufficientFreeAddressesInSubnet', `The specified subnet ${subnet.id} does not have enough free addresses to satisfy the request.`);
}

function contains(range: string, address: string): boolean {
  const single = Cidr.parse(`${address}/32`);
  return single !== undefined && Cidr.parse(range)?.contains(single) === true;
}

/** The private addresses in use in a subnet. */
export function addressesIn(inventory: Inventory, subnet: Item): Set<string> {
  return new Set(
    ['aws:ec2/instance:Instance', 'aws:ec2/natGateway:NatGateway', 'aws:ec2/networkInterface:NetworkInterface']
      .flatMap((type) => inventory.ofType(type))
      .filter(({ outputs }) => text(outputs, 'subnetId') === subnet.id)
      .flatMap(({ outputs }) => text(outputs, 'privateIp') ?? []),
  );
}

/** An address out of 198.18.0.0/15, which is set apart for benchmarks (RFC 2544): it never leads anywhere. */
export function publicAddress(cloud: Cloud): string {
  const taken = new Set(cloud.inventory.ofType('aws:ec2/eip:Eip').map((item) => text(item.outputs, 'publicIp')));
  for (;;) {
    const address = `198.${randomInt(18, 20)}.${randomInt(256)}.${randomInt(1, 255)}`;
    if (!taken.has(address)) return address;
  }
}

/** The private name of an address: `ip-10-0-1-4.eu-west-1.compute.internal`; `ec2.internal` in us-east-1. */
export function privateName(address: string, region: string): string {
  return `ip-${address.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`}`;
}
