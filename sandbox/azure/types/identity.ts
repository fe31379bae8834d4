import { randomUUID } from 'node:crypto';
import type { PropertyMap } from '../../protocol/values.js';
import { length, pattern } from '../../provider/checks.js';
import { object, text, texts } from '../../provider/properties.js';
import { arm } from '../arm.js';
import { lookUp, tenantId, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import * as tokens from './tokens.js';

export const userAssignedIdentity: ResourceType = arm({
  token: tokens.userAssignedIdentity,
  path: 'Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}',
  name: { least: 3, most: 128, form: /^[a-zA-Z0-9][\w-]*$/, meaning: 'begin with a letter or digit and contain letters, digits, _ and -' },
  latency: { create: 3, update: 1, delete: 2 },
  replaces: ['location'],
  computed: () => ({ clientId: randomUUID(), principalId: randomUUID(), tenantId }),
});

export const federatedCredential: ResourceType = arm({
  token: tokens.federatedCredential,
  path: 'Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}',
  inside: tokens.userAssignedIdentity,
  name: { least: 3, most: 120, form: /^[a-zA-Z0-9][\w-]*$/, meaning: 'begin with a letter or digit and contain letters, digits, _ and -' },
  latency: { create: 2, update: 2, delete: 2 },
  checks: [length('audiences', 1, 1), length('audiences[]', 1, 600), length('issuer', 1, 600), length('subject', 1, 600), pattern('issuer', /^https:\/\/[^\s?#]+$/, 'be an https URL without query')],
  admit({ cloud, inputs, existing }, identity) {
    const siblings = cloud.inventory.childrenOf(identity, tokens.federatedCredential).filter(({ id }) => id !== existing?.id);
    if (siblings.some(({ readyAt }) => readyAt > cloud.clock.now())) {
      throw new AzureError('ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity', `Too many Federated Identity Credentials are written concurrently for the managed identity '${identity.id}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`, 409);
    }
    if (existing === undefined && siblings.length >= 20) {
      throw new AzureError('BadRequest', `Too many Federated Identity Credentials found for managed identity ${identity.id}: at most 20 are allowed.`);
    }
    const twin = siblings.find(({ outputs }) => ['issuer', 'subject'].every((name) => text(outputs, name) === text(inputs, name)) && texts(outputs, 'audiences').join(' ') === texts(inputs, 'audiences').join(' '));
    if (twin !== undefined) throw new AzureError('Conflict', `Issuer and subject combination already exists for this Managed Identity (${nameOf(twin.id)}).`, 409);
  },
});

/** The identity of a resource as Resource Manager shows it: what was asked for, with principals and clients. */
export function identityShown({ inputs, cloud, existing }: Request): PropertyMap {
  const given = object(inputs, 'identity');
  if (Object.keys(given).length === 0) return {};
  const kind = text(given, 'type') ?? 'None';
  const before = text(object(existing?.outputs ?? {}, 'identity'), 'principalId');
  const userAssigned = userAssignedOf(inputs).flatMap((id): [string, PropertyMap][] => {
    const item = lookUp(cloud, tokens.userAssignedIdentity, id);
    return item === undefined ? [] : [[id, { clientId: text(item.outputs, 'clientId') ?? '', principalId: text(item.outputs, 'principalId') ?? '' }]];
  });
  return {
    identity: {
      type: kind,
      ...(kind.includes('SystemAssigned') ? { principalId: before ?? randomUUID(), tenantId } : {}),
      ...(userAssigned.length === 0 ? {} : { userAssignedIdentities: Object.fromEntries(userAssigned) }),
    },
  };
}

/** Ids of the identities that a resource is given. azure-native takes a list, Azure shows a map. */
export function userAssignedOf(properties: PropertyMap): string[] {
  const given = object(properties, 'identity')['userAssignedIdentities'];
  if (Array.isArray(given)) return given.filter((id) => typeof id === 'string');
  return typeof given === 'object' && given !== null ? Object.keys(given) : [];
}

/** Every identity that a resource is given must be there. */
export function requireIdentities({ inputs, cloud }: Request): void {
  const missing = userAssignedOf(inputs).find((id) => lookUp(cloud, tokens.userAssignedIdentity, id) === undefined);
  if (missing !== undefined) {
    throw new AzureError('FailedIdentityOperation', `Identity operation for resource failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'ResourceNotFound: The resource '${missing}' was not found.''.`);
  }
  const kind = text(object(inputs, 'identity'), 'type') ?? '';
  if (kind.includes('UserAssigned') !== userAssignedOf(inputs).length > 0) {
    throw new AzureError('InvalidParameter', `The identity type '${kind}' does not go with ${userAssignedOf(inputs).length} user-assigned identities.`);
  }
}

/** Whether the directory has a principal of a managed identity with this id. */
export function hasPrincipal(cloud: Cloud, principalId: string): boolean {
  const id = principalId.toLowerCase();
  const own = cloud.inventory.ofType(tokens.userAssignedIdentity).some(({ outputs }) => text(outputs, 'principalId') === id);
  const systemAssigned = [tokens.virtualMachine, tokens.virtualMachineScaleSet, tokens.diskEncryptionSet, tokens.storageAccount];
  return own || systemAssigned.some((type) => cloud.inventory.ofType(type).some(({ outputs }) => text(object(outputs, 'identity'), 'principalId') === id));
}
