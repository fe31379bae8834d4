/** What a role lets its holder do. */
export interface Role {
  readonly name: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

function role(name: string, actions: readonly string[], dataActions: readonly string[] = [], notActions: readonly string[] = []): Role {
  return { name, actions, notActions, dataActions, notDataActions: [] };
}

const readVaults = ['Microsoft.KeyVault/checkNameAvailability/read', 'Microsoft.KeyVault/deletedVaults/read', 'Microsoft.KeyVault/locations/*/read', 'Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/operations/read'];
const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** Some of Azure's own roles, by id. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const builtInRoles: Readonly<Record<string, Role>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': role('Owner', ['*']),
  'b24988ac-6180-42a0-ab88-20f7382dd24c': role('Contributor', ['*'], [], ['Microsoft.Authorization/*/Delete', 'Microsoft.Authorization/*/Write', 'Microsoft.Authorization/elevateAccess/Action']),
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': role('Reader', ['*/read']),
  '4d97b98b-1d4f-4787-a291-c67834d212e7': role('Network Contributor', ['Microsoft.Network/*', 'Microsoft.Resources/subscriptions/resourceGroups/read']),
  '9980e02c-c2be-4d73-94e8-173b1dc7cf3c': role('Virtual Machine Contributor', ['Microsoft.Compute/disks/*', 'Microsoft.Compute/virtualMachines/*', 'Microsoft.Compute/virtualMachineScaleSets/*', 'Microsoft.Network/networkInterfaces/*']),
  'f1a07417-d97a-45cb-824c-7a7467783830': role('Managed Identity Operator', ['Microsoft.ManagedIdentity/userAssignedIdentities/*/read', 'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action']),
  'b12aa53e-6015-4669-85d0-8515ebb3ae7f': role('Private DNS Zone Contributor', ['Microsoft.Network/privateDnsZones/*', 'Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/join/action']),
  '21090545-7ca7-4776-b22c-e363652d74d2': role('Key Vault Reader', readVaults, ['Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaults/secrets/readMetadata/action']),
  '4633458b-17de-408a-b874-0445c86b69e6': role('Key Vault Secrets User', [], ['Microsoft.KeyVault/vaults/secrets/getSecret/action', 'Microsoft.KeyVault/vaults/secrets/readMetadata/action']),
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': role('Key Vault Secrets Officer', readVaults, ['Microsoft.KeyVault/vaults/secrets/*']),
  'e147488a-f6f5-4113-8e2d-b22465e65bf6': role(
    'Key Vault Crypto Service Encryption User',
    ['write', 'read', 'delete'].map((verb) => `Microsoft.EventGrid/eventSubscriptions/${verb}`),
    ['read', 'wrap/action', 'unwrap/action'].map((verb) => `Microsoft.KeyVault/vaults/keys/${verb}`),
  ),
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': role(
    'Storage Blob Data Reader',
    ['Microsoft.Storage/storageAccounts/blobServices/containers/read', 'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action'],
    [`${blobs}/read`],
  ),
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': role(
    'Storage Blob Data Contributor',
    ['delete', 'read', 'write'].map((verb) => `Microsoft.Storage/storageAccounts/blobServices/containers/${verb}`).concat('Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action'),
    ['delete', 'read', 'write', 'move/action', 'add/action'].map((verb) => `${blobs}/${verb}`),
  ),
};
