import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { flag, object, objects, select, text } from '../../provider/properties.js';
import { arm, defaultName } from '../arm.js';
import { lookUp } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId, nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { identityShown, requireIdentities } from './identity.js';
import * as tokens from './tokens.js';
import { requireServiceEndpoints } from './vaults.js';

const skus = ['Standard_LRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_ZRS', 'Premium_LRS', 'Premium_ZRS', 'Standard_GZRS', 'Standard_RAGZRS'];

export const storageAccount: ResourceType = arm({
  token: tokens.storageAccount,
  path: 'Microsoft.Storage/storageAccounts/{accountName}',
  name: { least: 3, most: 24, form: /^[a-z0-9]+$/, meaning: 'contain lower-case letters and digits only' },
  latency: { create: 22, update: 5, delete: 5 },
  replaces: ['location', 'isHnsEnabled'],
  defaults: { allowCrossTenantReplication: false, enableHttpsTrafficOnly: true, isHnsEnabled: false, accessTier: 'Hot', publicNetworkAccess: 'Enabled', minimumTlsVersion: 'TLS1_0', allowBlobPublicAccess: false },
  checks: [
    oneOf('sku.name', skus),
    oneOf('kind', ['Storage', 'StorageV2', 'BlobStorage', 'FileStorage', 'BlockBlobStorage']),
    oneOf('minimumTlsVersion', ['TLS1_0', 'TLS1_1', 'TLS1_2', 'TLS1_3']),
    oneOf('accessTier', ['Hot', 'Cool', 'Premium', 'Cold']),
    oneOf('publicNetworkAccess', ['Enabled', 'Disabled', 'SecuredByPerimeter']),
    oneOf('networkRuleSet.defaultAction', ['Allow', 'Deny']),
    pattern('networkRuleSet.bypass', /^(None|(Logging|Metrics|AzureServices)(, *(Logging|Metrics|AzureServices))*)$/, 'be None or a list of Logging, Metrics, AzureServices'),
    pattern('networkRuleSet.ipRules[].iPAddressOrRange', /^\d{1,3}(\.\d{1,3}){3}(\/([0-9]|[12]\d|30))?$/, 'be an IPv4 address or a range of at most /30; give single addresses without /32'),
  ],
  admit(request) {
    const { inputs, cloud, existing } = request;
    const name = text(inputs, 'accountName') ?? '';
    if (cloud.inventory.ofType(tokens.storageAccount).some(({ id }) => id !== existing?.id && nameOf(id) === name && !sameGroup(id, inputs))) {
      throw new AzureError('StorageAccountAlreadyTaken', `The storage account named ${name} is already taken.`, 409);
    }
    requireIdentities(request);
    requireServiceEndpoints(cloud, select(inputs, 'networkRuleSet.virtualNetworkRules[].virtualNetworkResourceId').flatMap(({ value }) => (typeof value === 'string' ? value : [])), 'Microsoft.Storage');
    const [before, now] = [infrastructureEncryption(existing?.outputs), infrastructureEncryption(inputs)];
    if (existing !== undefined && before !== now) {
      throw new AzureError('InfrastructureEncryptionUpdateNotAllowed', 'The property requireInfrastructureEncryption can be set at account creation only.', 409);
    }
    if (existing !== undefined && text(existing.outputs, 'kind') !== text(inputs, 'kind') && text(inputs, 'kind') !== 'StorageV2') {
      throw new AzureError('StorageAccountTypeConversionNotAllowed', `The account kind of ${name} cannot be changed to ${text(inputs, 'kind') ?? ''}.`, 409);
    }
  },
  computed: (request, id) => ({
    ...shownAccount(request),
    ...identityShown(request),
    creationTime: request.cloud.clock.timestamp(),
    primaryLocation: text(request.inputs, 'location') ?? '',
    statusOfPrimary: 'available',
    primaryEndpoints: Object.fromEntries(['blob', 'dfs', 'file', 'queue', 'table'].map((service) => [service, `https://${nameOf(id)}.${service}.core.windows.net/`])),
    privateEndpointConnections: [],
  }),
  recomputed: (request) => ({ ...shownAccount(request), ...identityShown(request) }),
});

function sameGroup(id: string, inputs: PropertyMap): boolean {
  return id.toLowerCase().includes(`/resourcegroups/${(text(inputs, 'resourceGroupName') ?? '').toLowerCase()}/`);
}

function infrastructureEncryption(properties: PropertyMap | undefined): boolean {
  return flag(object(properties ?? {}, 'encryption'), 'requireInfrastructureEncryption');
}

function shownAccount({ inputs }: Request): PropertyMap {
  const sku = text(object(inputs, 'sku'), 'name') ?? '';
  return { sku: { name: sku, tier: sku.split('_')[0] ?? '' }, networkRuleSet: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [], ...object(inputs, 'networkRuleSet') } };
}

/** Every account has them from the start; azure-native only sets them, and sets them back when it deletes. */
export const blobServiceProperties: ResourceType = arm({
  token: tokens.blobServiceProperties,
  path: 'Microsoft.Storage/storageAccounts/{accountName}/blobServices/{blobServicesName}',
  inside: tokens.storageAccount,
  name: defaultName,
  latency: { create: 1, update: 1, delete: 1 },
  checks: [
    range('deleteRetentionPolicy.days', 1, 365),
    range('containerDeleteRetentionPolicy.days', 1, 365),
    rule(['restorePolicy', 'isVersioningEnabled'], (inputs) => (flag(object(inputs, 'restorePolicy'), 'enabled') && !flag(inputs, 'isVersioningEnabled') ? 'point-in-time restore needs versioning' : undefined)),
  ],
  computed: (_request, _id, account) => ({ sku: object(account.outputs, 'sku') }),
  // An account has it from the beginning: azure-native takes it as it is and sets it.
  again: ({ inputs, cloud }) => lookUp(cloud, tokens.blobServiceProperties, `${groupId(text(inputs, 'resourceGroupName') ?? '')}/providers/Microsoft.Storage/storageAccounts/${text(inputs, 'accountName') ?? ''}/blobServices/default`),
});

export const blobContainer: ResourceType = arm({
  token: tokens.blobContainer,
  path: 'Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers/{containerName}',
  inside: tokens.storageAccount,
  parentPath: 'Microsoft.Storage/storageAccounts/{accountName}',
  name: { least: 3, most: 63, form: /^(\$root|\$web|[a-z0-9](?!.*--)[a-z0-9-]*[a-z0-9])$/, meaning: 'contain lower-case letters, digits and single hyphens, and begin and end with a letter or digit' },
  latency: { create: 1, update: 1, delete: 1 },
  checks: [oneOf('publicAccess', ['None', 'Blob', 'Container'])],
  admit({ inputs }, account) {
    if ((text(inputs, 'publicAccess') ?? 'None') !== 'None' && !flag(account.outputs, 'allowBlobPublicAccess')) {
      throw new AzureError('PublicAccessNotPermitted', 'Public access is not permitted on this storage account.', 409);
    }
  },
  defaults: { publicAccess: 'None' },
  computed: ({ cloud }) => ({
    hasImmutabilityPolicy: false,
    hasLegalHold: false,
    deleted: false,
    lastModifiedTime: cloud.clock.timestamp(),
    leaseState: 'Available',
    leaseStatus: 'Unlocked',
    defaultEncryptionScope: '$account-encryption-key',
    denyEncryptionScopeOverride: false,
  }),
});

export const managementPolicy: ResourceType = arm({
  token: tokens.managementPolicy,
  path: 'Microsoft.Storage/storageAccounts/{accountName}/managementPolicies/{managementPolicyName}',
  inside: tokens.storageAccount,
  name: defaultName,
  latency: { create: 1, update: 1, delete: 1 },
  checks: [
    length('policy.rules', 1, 100),
    length('policy.rules[].name', 1, 256),
    oneOf('policy.rules[].type', ['Lifecycle']),
    oneOf('policy.rules[].definition.filters.blobTypes[]', ['blockBlob', 'appendBlob']),
    length('policy.rules[].definition.filters.prefixMatch', 0, 10),
    rule(['policy'], (inputs) => {
      const empty = objects(object(inputs, 'policy'), 'rules').find((one) => Object.keys(object(object(one, 'definition'), 'actions')).length === 0);
      return empty === undefined ? undefined : `rule ${text(empty, 'name') ?? ''} has no action`;
    }),
  ],
  computed: ({ cloud }) => ({ lastModifiedTime: cloud.clock.timestamp(), name: 'DefaultManagementPolicy' }),
  recomputed: ({ cloud }) => ({ lastModifiedTime: cloud.clock.timestamp(), name: 'DefaultManagementPolicy' }),
  volatile: ['lastModifiedTime'],
});
