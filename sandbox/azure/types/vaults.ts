import { randomBytes } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { list, number, object, objects, text } from '../../provider/properties.js';
import { arm } from '../arm.js';
import { lookUp, subscriptionId, tenantId, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { notFound } from './references.js';
import * as tokens from './tokens.js';

const day = 86_400_000;
const defaultRetention = 90;

function properties(inputs: PropertyMap): PropertyMap {
  return object(inputs, 'properties');
}

/** A vault's name is taken world-wide, and goes on being so while the deleted vault can be recovered. */
function requireName({ inputs, cloud, existing }: Request): void {
  const name = (text(inputs, 'vaultName') ?? '').toLowerCase();
  const taken = cloud.inventory.ofType(tokens.vault).some(({ id }) => id !== existing?.id && nameOf(id).toLowerCase() === name);
  if (taken) {
    throw new AzureError('VaultAlreadyExists', `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken.`, 409);
  }
  const deleted = cloud.inventory.kept().some(({ id, type }) => type === tokens.vault && nameOf(id).toLowerCase() === name);
  if (existing !== undefined || !deleted) return;
  throw new AzureError(
    'ConflictError',
    `A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete. (${name})`,
    409,
  );
}

/** Subnets in a firewall must have the service's endpoint. */
export function requireServiceEndpoints(cloud: Cloud, subnetIds: readonly string[], service: string): void {
  for (const id of subnetIds) {
    const subnet = lookUp(cloud, tokens.subnet, id);
    if (subnet === undefined) throw notFound(id);
    const services = objects(subnet.outputs, 'serviceEndpoints').map((endpoint) => text(endpoint, 'service') ?? '');
    if (!services.some((given) => given === service || given === `${service}.Global`)) {
      throw new AzureError('VirtualNetworkNotValid', `Subnets ${nameOf(id)} of virtual network do not have ServiceEndpoints for ${service} resources configured. Add ${service} to subnet's ServiceEndpoints collection before trying to ACL ${service} resources to these subnets.`);
    }
  }
}

export const vault: ResourceType = arm({
  token: tokens.vault,
  path: 'Microsoft.KeyVault/vaults/{vaultName}',
  name: { least: 3, most: 24, form: /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]*[a-zA-Z0-9]$/, meaning: 'begin with a letter, end with a letter or digit and contain letters, digits and single hyphens' },
  latency: { create: 35, update: 10, delete: 10 },
  checks: [
    oneOf('properties.sku.family', ['A']),
    oneOf('properties.sku.name', ['standard', 'premium']),
    range('properties.softDeleteRetentionInDays', 7, 90),
    oneOf('properties.publicNetworkAccess', ['Enabled', 'Disabled', 'enabled', 'disabled']),
    oneOf('properties.networkAcls.defaultAction', ['Allow', 'Deny']),
    oneOf('properties.networkAcls.bypass', ['AzureServices', 'None']),
    pattern('properties.networkAcls.ipRules[].value', /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/, 'be an IPv4 address or range'),
    rule(['properties'], (inputs) => {
      const { createMode, enableSoftDelete, enablePurgeProtection } = properties(inputs);
      if (createMode !== undefined && createMode !== 'default') return 'the sandbox imitates vaults with the createMode default only';
      if (enableSoftDelete === false) return 'The property "enableSoftDelete" can be set to false only for creating new vault. Soft delete cannot be disabled any more.';
      if (enablePurgeProtection === false) return 'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.';
      return undefined;
    }),
  ],
  admit(request) {
    const { inputs, cloud, existing } = request;
    requireName(request);
    const given = properties(inputs);
    const tenant = text(given, 'tenantId');
    if (tenant?.toLowerCase() !== tenantId) throw new AzureError('BadRequest', `Invalid tenant '${tenant ?? ''}' in properties.tenantId: the subscription is in tenant '${tenantId}'.`);
    const [before, now] = [number(properties(existing?.outputs ?? {}), 'softDeleteRetentionInDays'), number(given, 'softDeleteRetentionInDays') ?? defaultRetention];
    if (before !== undefined && before !== now) throw new AzureError('BadRequest', `The property "softDeleteRetentionInDays" has been set already and it can't be modified.`);
    requireServiceEndpoints(cloud, objects(object(given, 'networkAcls'), 'virtualNetworkRules').flatMap((one) => text(one, 'id') ?? []), 'Microsoft.KeyVault');
  },
  computed: shown,
  recomputed: shown,
  // It can be recovered until its retention is over; with purge protection nobody can end that earlier.
  afterDelete(item, cloud) {
    const days = number(properties(item.outputs), 'softDeleteRetentionInDays') ?? defaultRetention;
    const id = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/${item.region ?? ''}/deletedVaults/${nameOf(item.id)}`;
    cloud.inventory.keep({ id, type: item.type, cluster: item.cluster, reason: 'reserved-name', until: cloud.clock.now() + days * day });
  },
});

function shown({ inputs }: Request): PropertyMap {
  const given = properties(inputs);
  return {
    properties: {
      accessPolicies: [],
      enabledForDeployment: false,
      enableSoftDelete: true,
      publicNetworkAccess: 'Enabled',
      softDeleteRetentionInDays: defaultRetention,
      ...given,
      vaultUri: `https://${(text(inputs, 'vaultName') ?? '').toLowerCase()}.vault.azure.net/`,
      provisioningState: 'Succeeded',
    },
  };
}

/** A deleted key's id among what is kept. */
function deletedKeyId(vaultName: string, keyName: string): string {
  return `https://${vaultName.toLowerCase()}.vault.azure.net/deletedkeys/${keyName}`;
}

/** Made through Resource Manager, which never changes a key that is there; deleted, as azure-native does it, through the vault itself. */
export const key: ResourceType = arm({
  token: tokens.key,
  path: 'Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}',
  inside: tokens.vault,
  name: { least: 1, most: 127, form: /^[a-zA-Z0-9-]+$/, meaning: 'contain letters, digits and hyphens' },
  latency: { create: 3, update: 2, delete: 3 },
  checks: [
    oneOf('properties.kty', ['RSA', 'RSA-HSM', 'EC', 'EC-HSM']),
    oneOf('properties.keySize', [2048, 3072, 4096]),
    oneOf('properties.keyOps[]', ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey', 'import', 'release']),
    length('properties.keyOps', 0, 8),
  ],
  admit({ inputs, cloud, existing }, within) {
    if (existing !== undefined) return;
    const name = text(inputs, 'keyName') ?? '';
    const deleted = cloud.inventory.kept().some(({ id }) => id === deletedKeyId(nameOf(within.id), name));
    if (deleted) {
      throw new AzureError('Conflict', `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.`, 409);
    }
  },
  computed({ inputs, cloud }, id, within) {
    const given = properties(inputs);
    const keyUri = `${text(properties(within.outputs), 'vaultUri') ?? ''}keys/${nameOf(id)}`;
    const now = Math.floor(cloud.clock.now() / 1000);
    return {
      kty: text(given, 'kty') ?? 'RSA',
      keyOps: list(given, 'keyOps'),
      keyUri,
      keyUriWithVersion: `${keyUri}/${randomBytes(16).toString('hex')}`,
      location: within.region ?? '',
      attributes: { enabled: true, created: now, updated: now, recoveryLevel: 'Recoverable+ProtectedSubscription', ...object(given, 'attributes') },
      ...(given['keySize'] === undefined ? {} : { keySize: given['keySize'] }),
      ...(given['curveName'] === undefined ? {} : { curveName: given['curveName'] }),
      ...(given['rotationPolicy'] === undefined ? {} : { rotationPolicy: given['rotationPolicy'] }),
    };
  },
  blocker(item, cloud) {
    const within = cloud.inventory.get(tokens.vault, item.parent?.id ?? '');
    if ((text(properties(within?.outputs ?? {}), 'publicNetworkAccess') ?? '').toLowerCase() !== 'disabled') return undefined;
    return new AzureError('ForbiddenByConnection', `Public network access is disabled and request is not from a trusted service nor via an approved private link. Vault: ${nameOf(within?.id ?? '')}; key: ${nameOf(item.id)}`, 403);
  },
  // Together with its vault it is the vault that is kept.
  afterDelete(item, cloud) {
    const within = cloud.inventory.get(tokens.vault, item.parent?.id ?? '');
    if (within === undefined) return;
    const days = number(properties(within.outputs), 'softDeleteRetentionInDays') ?? defaultRetention;
    cloud.inventory.keep({ id: deletedKeyId(nameOf(within.id), nameOf(item.id)), type: item.type, cluster: item.cluster, reason: 'pending-deletion', until: cloud.clock.now() + days * day });
  },
});

/** The key that a URI names, with or without its version. */
export function keyAt(cloud: Cloud, uri: string): Item | undefined {
  return cloud.inventory.ofType(tokens.key).find(({ outputs }) => text(outputs, 'keyUri') === uri || text(outputs, 'keyUriWithVersion') === uri);
}
