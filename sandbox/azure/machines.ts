import type { Item } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import { object, objects, select, text, texts } from '../provider/properties.js';
import { lookUp, type Cloud } from './cloud.js';
import { nameOf } from './ids.js';
import { userAssignedOf } from './types/identity.js';
import * as tokens from './types/tokens.js';

/** Types of machines: those made one by one, and the instances of scale sets. */
export const machineTypes: ReadonlySet<string> = new Set([tokens.virtualMachine, tokens.virtualMachineScaleSetVm]);

/** Since when a machine runs, in sandbox time; null while it is deallocated. */
export function runningSince({ readyAt, switchedOff }: Item): number | null {
  return switchedOff === true ? null : readyAt;
}

/** The machine with this id. */
export function machineNamed(cloud: Cloud, id: string): Item | undefined {
  return lookUp(cloud, tokens.virtualMachine, id) ?? lookUp(cloud, tokens.virtualMachineScaleSetVm, id);
}

/** The user data that a machine got, as it was asked for: the cloud does not show it. */
export function userDataOf({ inputs }: Item): Buffer | undefined {
  const data = text(object(inputs, 'osProfile'), 'customData');
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}

/** IP configurations of a machine's interfaces, with address, subnet and pools. */
function configurationsOf(cloud: Cloud, machine: Item): PropertyMap[] {
  const interfaces = select(machine.outputs, 'networkProfile.networkInterfaces[].id').flatMap(({ value }) => (typeof value === 'string' ? (lookUp(cloud, tokens.networkInterface, value) ?? []) : []));
  return interfaces.flatMap(({ outputs }) => objects(outputs, 'ipConfigurations'));
}

/** What a machine calls itself: a machine's own computer name, with an instance's in a scale set made for it. */
export function hostNameOf({ id, outputs }: Item): string {
  return text(object(outputs, 'osProfile'), 'computerName') ?? nameOf(id);
}

/** A machine's private address. */
export function addressOf(cloud: Cloud, machine: Item): string {
  return configurationsOf(cloud, machine).flatMap((one) => text(one, 'privateIPAddress') ?? [])[0] ?? '';
}

/** Ids of the subnets that a machine stands in. */
export function subnetsOf(cloud: Cloud, machine: Item): string[] {
  return configurationsOf(cloud, machine).flatMap((one) => text(object(one, 'subnet'), 'id') ?? []);
}

/** Ids of the load balancers' pools that a machine's interfaces are in. */
export function poolsOf(cloud: Cloud, machine: Item): string[] {
  return configurationsOf(cloud, machine).flatMap((one) => objects(one, 'loadBalancerBackendAddressPools')).flatMap((pool) => text(pool, 'id') ?? []);
}

/** The user-assigned identities of a machine. */
export function identitiesOf(cloud: Cloud, machine: Item): Item[] {
  return userAssignedOf(machine.outputs).flatMap((id) => lookUp(cloud, tokens.userAssignedIdentity, id) ?? []);
}

/** The number of a machine's zone in its region. */
export function zoneNumberOf(machine: Item): string {
  return texts(machine.outputs, 'zones')[0] ?? '1';
}
