import { object, text } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import { allows } from '../data-planes/authorisation.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import { userAssignedOf } from './identity.js';
import { keyAt } from './vaults.js';
import * as tokens from './tokens.js';

const wrapping = ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/wrap/action', 'Microsoft.KeyVault/vaults/keys/unwrap/action'];

/** A disk is encrypted with the set's key only if the set's identity may wrap with it: Azure asks the vault while it makes the disk. */
export function requireWrapping(cloud: Cloud, setId: string | undefined): void {
  const set = setId === undefined ? undefined : lookUp(cloud, tokens.diskEncryptionSet, setId);
  if (set === undefined) return;
  const url = text(object(set.outputs, 'activeKey'), 'keyUrl') ?? '';
  const used = keyAt(cloud, url);
  const principals = [text(object(set.outputs, 'identity'), 'principalId') ?? [], userAssignedOf(set.outputs).map((id) => text(lookUp(cloud, tokens.userAssignedIdentity, id)?.outputs ?? {}, 'principalId') ?? '')].flat();
  const granted = used !== undefined && principals.some((principal) => wrapping.every((action) => allows(cloud, principal, { action, resource: used.id })));
  if (granted) return;
  throw new AzureError(
    'KeyVaultAccessForbidden',
    `Unable to access key vault resource '${url}' to enable encryption at rest. Please grant get, wrap and unwrap key permissions to disk encryption set '${nameOf(set.id)}'. Please visit https://aka.ms/keyvaultaccessssecmk for more information.`,
    403,
  );
}
