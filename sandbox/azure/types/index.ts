import type { ResourceType } from '../resource-type.js';
import { roleAssignment, roleDefinition } from './authorization.js';
import { disk, diskEncryptionSet } from './disks.js';
import * as dns from './dns.js';
import { flowLog, networkWatcher } from './flow-logs.js';
import { federatedCredential, userAssignedIdentity } from './identity.js';
import { loadBalancer, networkInterface } from './load-balancing.js';
import * as network from './network.js';
import { virtualNetworkPeering } from './peering.js';
import { privateDnsZoneGroup, privateEndpoint } from './private-endpoints.js';
import { resourceGroup } from './resource-group.js';
import { virtualMachineScaleSet, virtualMachineScaleSetVm } from './scale-sets.js';
import * as storage from './storage.js';
import { key, vault } from './vaults.js';
import { virtualMachine } from './virtual-machines.js';

/** Every type that the sandbox imitates. */
export const resourceTypes: readonly ResourceType[] = [
  resourceGroup,
  network.virtualNetwork,
  network.subnet,
  virtualNetworkPeering,
  network.networkSecurityGroup,
  network.securityRule,
  network.publicIpAddress,
  network.natGateway,
  loadBalancer,
  networkInterface,
  privateEndpoint,
  privateDnsZoneGroup,
  networkWatcher,
  flowLog,
  dns.privateZone,
  dns.virtualNetworkLink,
  dns.privateRecordSet,
  userAssignedIdentity,
  federatedCredential,
  roleDefinition,
  roleAssignment,
  vault,
  key,
  storage.storageAccount,
  storage.blobServiceProperties,
  storage.blobContainer,
  storage.managementPolicy,
  diskEncryptionSet,
  disk,
  virtualMachine,
  virtualMachineScaleSet,
  virtualMachineScaleSetVm,
];

const byToken = new Map(resourceTypes.map((type) => [type.token, type]));

/** The entry of a type, if there is one. */
export function findResourceType(token: string): ResourceType | undefined {
  return byToken.get(token);
}

/** The entry of a type; unknown types are refused loudly, never made up. */
export function resourceType(token: string): ResourceType {
  const type = findResourceType(token);
  if (type === undefined) throw new Error(`the sandbox does not imitate resource type ${token}: add an entry under sandbox/azure/types/`);
  return type;
}
