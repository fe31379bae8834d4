import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { number, object, text, texts } from '../../provider/properties.js';
import { arm } from '../arm.js';
import type { Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { requireWrapping } from './encryption.js';
import { identityShown, requireIdentities } from './identity.js';
import { firstUser, refers, sameId, usersOf } from './references.js';
import * as tokens from './tokens.js';
import { keyAt } from './vaults.js';

const diskName = { least: 1, most: 80, form: /^[a-zA-Z0-9]([\w.-]*\w)?$/, meaning: 'contain letters, digits and ._-, begin with a letter or digit and end with one or _' };

export const diskEncryptionSet: ResourceType = arm({
  token: tokens.diskEncryptionSet,
  path: 'Microsoft.Compute/diskEncryptionSets/{diskEncryptionSetName}',
  name: diskName,
  unforeseen: ['identity.principalId', 'identity.tenantId'],
  latency: { create: 5, update: 5, delete: 5 },
  replaces: ['location'],
  checks: [
    oneOf('encryptionType', ['EncryptionAtRestWithCustomerKey', 'EncryptionAtRestWithPlatformAndCustomerKeys', 'ConfidentialVmEncryptedWithCustomerKey']),
    pattern('activeKey.keyUrl', /^https:\/\/[\w-]+\.vault\.azure\.net\/keys\/[\w-]+\/[0-9a-f]{32}$/, 'be the URI of a key with its version'),
    rule(['identity'], (inputs) => (inputs['identity'] === undefined ? 'a disk encryption set needs an identity' : undefined)),
  ],
  references: [refers('activeKey.sourceVault.id', tokens.vault)],
  admit(request) {
    const { inputs, cloud } = request;
    requireIdentities(request);
    const url = text(object(inputs, 'activeKey'), 'keyUrl') ?? '';
    const used = keyAt(cloud, url);
    if (used === undefined) throw new AzureError('KeyVaultKeyNotFound', `Unable to access key vault resource '${url}' to enable encryption at rest: the key was not found.`, 404);
    const within = cloud.inventory.get(tokens.vault, used.parent?.id ?? '');
    if (object(within?.outputs ?? {}, 'properties')['enablePurgeProtection'] !== true) {
      throw new AzureError('KeyVaultPurgeProtectionNotEnabled', `Key vault ${within?.id ?? ''} must have soft delete and purge protection enabled to be used for disk encryption.`);
    }
  },
  computed: (request) => ({ ...identityShown(request), previousKeys: [] }),
  recomputed: identityShown,
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.disk, 'encryption.diskEncryptionSetId'],
      [tokens.virtualMachineScaleSet, 'virtualMachineProfile.storageProfile.osDisk.managedDisk.diskEncryptionSet.id'],
    ]);
    return user === undefined ? undefined : new AzureError('OperationNotAllowed', `Disk encryption set ${nameOf(item.id)} cannot be deleted since it is in use by ${user.id}.`, 409);
  },
});

const skus = ['Standard_LRS', 'Premium_LRS', 'StandardSSD_LRS', 'UltraSSD_LRS', 'Premium_ZRS', 'StandardSSD_ZRS', 'PremiumV2_LRS'];

export const disk: ResourceType = arm({
  token: tokens.disk,
  path: 'Microsoft.Compute/disks/{diskName}',
  name: diskName,
  latency: { create: 4, update: 4, delete: 4 },
  replaces: ['location'],
  checks: [
    oneOf('sku.name', skus),
    oneOf('creationData.createOption', ['Empty', 'Attach', 'FromImage', 'Import', 'Copy', 'Restore', 'Upload', 'CopyStart']),
    range('diskSizeGB', 1, 65_536),
    oneOf('zones[]', ['1', '2', '3']),
    length('zones', 0, 1),
    oneOf('networkAccessPolicy', ['AllowAll', 'AllowPrivate', 'DenyAll']),
    oneOf('publicNetworkAccess', ['Enabled', 'Disabled']),
    rule(['diskSizeGB', 'creationData'], (inputs) => (object(inputs, 'creationData')['createOption'] === 'Empty' && inputs['diskSizeGB'] === undefined ? 'an empty disk needs diskSizeGB' : undefined)),
    rule(['sku', 'zones'], (inputs) => ((text(object(inputs, 'sku'), 'name') ?? '').endsWith('_ZRS') && texts(inputs, 'zones').length > 0 ? 'a zone-redundant disk is in no zone' : undefined)),
  ],
  references: [refers('encryption.diskEncryptionSetId', tokens.diskEncryptionSet)],
  admit({ inputs, cloud, existing }) {
    requireWrapping(cloud, text(object(inputs, 'encryption'), 'diskEncryptionSetId'));
    if (existing === undefined) return;
    const [before, now] = [number(existing.outputs, 'diskSizeGB'), number(inputs, 'diskSizeGB')];
    if (before !== undefined && now !== undefined && now < before) {
      throw new AzureError('OperationNotAllowed', `Disk size reduction is not supported. Current size is ${before * 1024 ** 3} bytes, requested size is ${now * 1024 ** 3} bytes.`, 409);
    }
    if (texts(existing.outputs, 'zones').join() !== texts(inputs, 'zones').join()) throw new AzureError('PropertyChangeNotAllowed', "Changing property 'zones' is not allowed.", 409);
    const [key, newKey] = [existing.outputs, inputs].map((properties) => text(object(properties, 'encryption'), 'diskEncryptionSetId'));
    const holder = holderOf(cloud, existing.id);
    if (holder !== undefined && !sameId(key, newKey) && key !== newKey) {
      throw new AzureError('OperationNotAllowed', `Cannot change the encryption of disk ${nameOf(existing.id)} while it is attached to running VM ${holder.id}.`, 409);
    }
  },
  computed: ({ inputs, cloud }) => ({ uniqueId: randomUUID(), timeCreated: cloud.clock.timestamp(), diskState: 'Unattached', ...size(inputs) }),
  recomputed: ({ inputs }) => size(inputs),
  blocker(item, cloud) {
    const holder = holderOf(cloud, item.id);
    return holder === undefined ? undefined : new AzureError('OperationNotAllowed', `Disk ${nameOf(item.id)} is attached to VM ${holder.id}.`, 409);
  },
});

function size(inputs: PropertyMap): PropertyMap {
  const gibibytes = number(inputs, 'diskSizeGB');
  return gibibytes === undefined ? {} : { diskSizeBytes: gibibytes * 1024 ** 3 };
}

/** The machine that a disk is attached to. */
export function holderOf(cloud: Cloud, diskId: string): Item | undefined {
  return [...usersOf(diskId, cloud, tokens.virtualMachine, 'storageProfile.osDisk.managedDisk.id'), ...usersOf(diskId, cloud, tokens.virtualMachine, 'storageProfile.dataDisks[].managedDisk.id')][0];
}
