import type { Declaration } from '../cloud.js';

/** Versions of the resource providers' interfaces: those that the program's SDK has as its defaults. */
const network = '2024-05-01';
const privateDns = '2024-06-01';
const compute = '2024-11-01';
const disks = '2024-03-02';
const storage = '2024-01-01';
const vaults = '2024-11-01';
const identities = '2023-01-31';
const authorization = '2022-04-01';

/** A type of resource: where its resources are, with the program's inputs that name them in braces, and the version of the interface that reads them. */
export interface AzureType {
  readonly path: string;
  readonly apiVersion: string;
}

const group = '/subscriptions/{subscription}/resourceGroups/{resourceGroupName}';
const inGroup = (path: string, apiVersion: string): AzureType => ({ path: `${group}/providers/${path}`, apiVersion });
const inScope = (path: string, apiVersion: string): AzureType => ({ path: `{scope}/providers/${path}`, apiVersion });

/** Every type that the program uses, by token. Ids are those of the resource manager, and the provider imports by them. */
export const azureTypes: Readonly<Record<string, AzureType>> = {
  'azure-native:authorization:RoleAssignment': inScope('Microsoft.Authorization/roleAssignments/{roleAssignmentName}', authorization),
  'azure-native:authorization:RoleDefinition': inScope('Microsoft.Authorization/roleDefinitions/{roleDefinitionId}', '2022-05-01-preview'),
  'azure-native:compute:Disk': inGroup('Microsoft.Compute/disks/{diskName}', disks),
  'azure-native:compute:DiskEncryptionSet': inGroup('Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}', disks),
  'azure-native:compute:VirtualMachine': inGroup('Microsoft.Compute/virtualMachines/{vmName}', compute),
  'azure-native:compute:VirtualMachineScaleSet': inGroup('Microsoft.Compute/virtualMachineScaleSets/{vmScaleSetName}', compute),
  'azure-native:keyvault:Key': inGroup('Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}', vaults),
  'azure-native:keyvault:Vault': inGroup('Microsoft.KeyVault/vaults/{vaultName}', vaults),
  'azure-native:managedidentity:FederatedIdentityCredential': inGroup('Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}', identities),
  'azure-native:managedidentity:UserAssignedIdentity': inGroup('Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}', identities),
  'azure-native:network:FlowLog': inGroup('Microsoft.Network/networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}', network),
  'azure-native:network:LoadBalancer': inGroup('Microsoft.Network/loadBalancers/{loadBalancerName}', network),
  'azure-native:network:NatGateway': inGroup('Microsoft.Network/natGateways/{natGatewayName}', network),
  'azure-native:network:NetworkInterface': inGroup('Microsoft.Network/networkInterfaces/{networkInterfaceName}', network),
  'azure-native:network:NetworkSecurityGroup': inGroup('Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}', network),
  'azure-native:network:PrivateDnsZoneGroup': inGroup('Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}', network),
  'azure-native:network:PrivateEndpoint': inGroup('Microsoft.Network/privateEndpoints/{privateEndpointName}', network),
  'azure-native:network:PublicIPAddress': inGroup('Microsoft.Network/publicIPAddresses/{publicIpAddressName}', network),
  'azure-native:network:SecurityRule': inGroup('Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}', network),
  'azure-native:network:Subnet': inGroup('Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}', network),
  'azure-native:network:VirtualNetwork': inGroup('Microsoft.Network/virtualNetworks/{virtualNetworkName}', network),
  'azure-native:network:VirtualNetworkPeering': inGroup('Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}', network),
  'azure-native:privatedns:PrivateRecordSet': inGroup('Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}', privateDns),
  'azure-native:privatedns:PrivateZone': inGroup('Microsoft.Network/privateDnsZones/{privateZoneName}', privateDns),
  'azure-native:privatedns:VirtualNetworkLink': inGroup('Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}', privateDns),
  'azure-native:resources:ResourceGroup': { path: group, apiVersion: '2024-03-01' },
  'azure-native:storage:BlobContainer': inGroup('Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}', storage),
  'azure-native:storage:BlobServiceProperties': inGroup('Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}', storage),
  'azure-native:storage:ManagementPolicy': inGroup('Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}', storage),
  'azure-native:storage:StorageAccount': inGroup('Microsoft.Storage/storageAccounts/{accountName}', storage),
};

/** The id that a declared resource has or will have; undefined where one of the inputs that name it is not known, or its type is not in the table. */
export function armId(subscriptionId: string, { type, inputs }: Pick<Declaration, 'type' | 'inputs'>): string | undefined {
  const path = azureTypes[type]?.path;
  if (path === undefined) return undefined;
  let known = true;
  const id = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === 'subscription' ? subscriptionId : inputs[name];
    if (typeof value !== 'string' || value === '') known = false;
    return String(value);
  });
  return known ? id : undefined;
}

/** What the ids of each type look like. Those with fewer names come first: a record's type is one, and a link of a zone would be a record of the type "virtualNetworkLinks". */
const shapes = Object.entries(azureTypes).map(([token, { path, apiVersion }]) => {
  const source = path.replace(/\{scope\}/, '.*').replace(/\{\w+\}/g, '[^/]+');
  return { token, apiVersion, names: path.split('{').length, matches: new RegExp(`^${source}$`, 'i') };
}).sort((one, other) => one.names - other.names);

/** The type of an id: its token where the table has it, else the resource manager's own word, for instance `Microsoft.Compute/snapshots`. */
export function kindOfId(id: string): string {
  const known = shapes.find(({ matches }) => matches.test(id))?.token;
  if (known !== undefined) return known;
  const [namespace = 'unknown', ...rest] = id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length).split('/');
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/');
}

/** The version of the interface that reads what has this id; undefined where the table does not have its type. */
export function apiVersionOf(id: string): string | undefined {
  return shapes.find(({ matches }) => matches.test(id))?.apiVersion;
}
