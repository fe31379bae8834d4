import { azureTypes } from './types.js';

/** `Microsoft.Network/virtualNetworks/subnets` of the address of a subnet: what stands behind the last provider, without the names. */
function resourceType(path: string): string {
  const provider = path.split('/providers/').at(-1) ?? '';
  if (provider === path) return 'Microsoft.Resources/subscriptions/resourceGroups';
  const [namespace = '', ...rest] = provider.split('/');
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** Records are of a type for each type of record, which stands in their address where others have a name. The program makes A records. */
const privateRecords = 'Microsoft.Network/privateDnsZones/A';

const typesOfProgram = Object.keys(azureTypes).map((token) => (token === 'azure-native:privatedns:PrivateRecordSet' ? privateRecords : resourceType(azureTypes[token]?.path ?? '')));

/** What one resource needs to use another, and the worker's own questions. https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations */
const others: readonly string[] = [
  'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
  'Microsoft.Compute/locations/usages/read',
  'Microsoft.Compute/skus/read',
  'Microsoft.Compute/virtualMachines/deallocate/action',
  'Microsoft.Compute/virtualMachines/instanceView/read',
  'Microsoft.Compute/virtualMachines/start/action',
  'Microsoft.Compute/virtualMachineScaleSets/delete/action',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/delete',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
  'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
  'Microsoft.Network/natGateways/join/action',
  'Microsoft.Network/networkSecurityGroups/join/action',
  'Microsoft.Network/publicIPAddresses/join/action',
  'Microsoft.Network/virtualNetworks/join/action',
  'Microsoft.Network/virtualNetworks/peer/action',
  'Microsoft.Network/virtualNetworks/subnets/join/action',
];

/** Every action of the resource manager that the service needs on a subscription, each once, in order: all of Contributor's and Role Based Access Control Administrator's that programs and worker use. */
export const neededActions: readonly string[] = [...new Set([...typesOfProgram.flatMap((type) => ['read', 'write', 'delete'].map((verb) => `${type}/${verb}`)), ...others])].sort();

/** A role definition that gives all of it, for whoever wants less than the two built-in roles. */
export function roleDefinition(): object {
  return {
    Name: 'Clusterwright', IsCustom: true, Description: 'What Clusterwright needs on a subscription.', Actions: neededActions, NotActions: [], DataActions: [], NotDataActions: [],
    AssignableScopes: ['/subscriptions/SUBSCRIPTION'],
  };
}
