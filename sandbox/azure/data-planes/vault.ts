import { z } from 'zod';
import type { Item } from '../../inventory/item.js';
import { number, object, text } from '../../provider/properties.js';
import { tenantId } from '../cloud.js';
import { AzureError } from '../errors.js';
import * as tokens from '../types/tokens.js';
import { allows } from './authorisation.js';
import type { DataPlanes } from './data-planes.js';
import { shutOut } from './network-access.js';
import type { Caller } from './tokens.js';
import type { Secret, SecretVersion } from './vault-secrets.js';
import { header, json, type WireRequest, type WireResponse } from './wire.js';

/** For whom tokens must be. */
const audience = 'https://vault.azure.net';
const bodySchema = z.object({ value: z.string().max(25_000) });

/** What a request does, as faults name it, and the data action that it needs. */
const deeds = {
  GetSecret: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  SetSecret: 'Microsoft.KeyVault/vaults/secrets/setSecret/action',
  DeleteSecret: 'Microsoft.KeyVault/vaults/secrets/delete',
  ListSecrets: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
} as const;
export type VaultDeed = keyof typeof deeds;

interface Target {
  readonly deed: VaultDeed;
  readonly vault: string;
  readonly secret: string;
  readonly version: string | undefined;
}

/** Reads `/VAULT/secrets[/NAME[/VERSION]]`. @throws AzureError for what is not imitated */
export function vaultTarget({ method, path }: Pick<WireRequest, 'method' | 'path'>): Target {
  const [, vault = '', secret = '', version] = /^\/([^/]+)\/secrets(?:\/([^/]+))?(?:\/([0-9a-f]+))?\/?$/.exec(path) ?? [];
  const deed = vault === '' ? undefined : secret === '' ? (method === 'GET' ? 'ListSecrets' : undefined) : ({ GET: 'GetSecret', PUT: 'SetSecret', DELETE: 'DeleteSecret' } as const)[method];
  if (deed === undefined) throw new AzureError('BadParameter', `the sandbox does not imitate ${method} ${path} of Key Vault`, 400);
  return { deed, vault, secret, version };
}

/** Key Vault's secrets: https://learn.microsoft.com/rest/api/keyvault/secrets */
export function vault(planes: DataPlanes, request: WireRequest): WireResponse {
  const target = vaultTarget(request);
  const item = planes.cloud.inventory.ofType(tokens.vault).find(({ outputs }) => (text(outputs, 'name') ?? '').toLowerCase() === target.vault.toLowerCase());
  // A vault that is not there has no name either: clients see that it does not resolve.
  if (item === undefined) throw new AzureError('VaultNotFound', `getaddrinfo ENOTFOUND ${target.vault}.vault.azure.net`, 404);
  const caller = planes.tokens.holderOf(header(request, 'authorization'), audience);
  if (caller === undefined) return challenge();
  if (!request.query.has('api-version')) throw new AzureError('BadParameter', 'api-version must be specified', 400);
  requireAccess(planes, item, caller, target);
  switch (target.deed) {
    case 'GetSecret': {
      const secret = planes.secrets.get(item.id, target.secret);
      const version = target.version === undefined ? secret?.versions.at(-1) : secret?.versions.find((one) => one.version === target.version);
      if (secret === undefined || version === undefined) throw new AzureError('SecretNotFound', `A secret with (name/id) ${target.secret}/${target.version ?? ''} was not found in this key vault.`, 404);
      return json(200, shown(target.vault, secret, version, true));
    }
    case 'SetSecret': {
      if (!/^[0-9a-zA-Z-]{1,127}$/.test(target.secret)) throw new AzureError('BadParameter', `The request URI contains an invalid name: ${target.secret}`, 400);
      const secret = planes.secrets.set(item.id, target.secret, bodyOf(request).value);
      const version = secret?.versions.at(-1);
      if (secret === undefined || version === undefined) throw new AzureError('Conflict', `Secret ${target.secret} is currently in a deleted but recoverable state, and its name cannot be reused.`, 409);
      return json(200, shown(target.vault, secret, version, true));
    }
    case 'DeleteSecret': {
      const secret = planes.secrets.delete(item.id, target.secret);
      const version = secret?.versions.at(-1);
      if (secret === undefined || version === undefined) throw new AzureError('SecretNotFound', `A secret with (name/id) ${target.secret} was not found in this key vault.`, 404);
      const days = number(object(item.outputs, 'properties'), 'softDeleteRetentionInDays') ?? 90;
      const deletedDate = Math.floor((secret.deletedAt ?? 0) / 1000);
      return json(200, { ...shown(target.vault, secret, version, false), recoveryId: `https://${target.vault}.vault.azure.net/deletedsecrets/${target.secret}`, deletedDate, scheduledPurgeDate: deletedDate + days * 86_400 });
    }
    case 'ListSecrets':
      return json(200, { value: planes.secrets.list(item.id).flatMap((secret) => secret.versions.slice(-1).map((version) => ({ ...shown(target.vault, secret, version, false), id: `https://${target.vault}.vault.azure.net/secrets/${secret.name}` }))), nextLink: null });
  }
}

function challenge(): WireResponse {
  const body = json(401, { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } });
  return { ...body, headers: { ...body.headers, 'www-authenticate': `Bearer authorization="https://login.windows.net/${tenantId}", resource="${audience}"` } };
}

function requireAccess({ cloud, subnetsOf }: DataPlanes, item: Item, caller: Caller, { deed, secret }: Target): void {
  const why = shutOut(cloud, item, caller.machine === null ? undefined : subnetsOf(caller.machine));
  if (why !== undefined) throw new AzureError('Forbidden', `Client address is not authorized and caller is not a trusted service (vault ${item.id}).`, 403, why);
  if (!allows(cloud, caller.principalId, { action: deeds[deed], resource: secret === '' ? item.id : `${item.id}/secrets/${secret}` })) {
    throw new AzureError('Forbidden', `Caller is not authorized to perform action on resource. Caller: appid=${caller.clientId};oid=${caller.principalId} Action: '${deeds[deed]}' Resource: '${item.id}/secrets/${secret}' Assignment: (not found)`, 403, 'ForbiddenByRbac');
  }
}

function bodyOf(request: WireRequest): z.infer<typeof bodySchema> {
  const result = bodySchema.safeParse(JSON.parse(request.body.toString('utf8') || '{}'));
  if (!result.success) throw new AzureError('BadParameter', z.prettifyError(result.error), 400);
  return result.data;
}

function shown(vaultName: string, { name }: Secret, { version, value, created }: SecretVersion, withValue: boolean): object {
  const seconds = Math.floor(created / 1000);
  return {
    ...(withValue ? { value } : {}),
    id: `https://${vaultName}.vault.azure.net/secrets/${name}/${version}`,
    attributes: { enabled: true, created: seconds, updated: seconds, recoveryLevel: 'Recoverable' },
  };
}
