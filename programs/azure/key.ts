import { DiskEncryptionSet } from '@pulumi/azure-native/compute/diskEncryptionSet.js';
import { Key } from '@pulumi/azure-native/keyvault/key.js';
import type * as pulumi from '@pulumi/pulumi';
import { assignRole } from './assignment.js';
import { onceMade, type Context } from './context.js';
import { keyGrant } from './policies/key.js';
import { keyName } from './policies/subjects.js';
import type { Vaults } from './vaults.js';

/** Id of the disk encryption set, known once it may use the key. */
export type DiskEncryption = pulumi.Output<string>;

/** The key that encrypts the cluster's disks, and the set through which disks use it. The key turns over once a year, and the set follows. */
export function diskEncryption(context: Context, vaults: Vaults): DiskEncryption {
  const { options, kept, place, tags, physical } = context;
  const vault = vaults['control-plane'];
  const key = new Key('key', {
    resourceGroupName: place.resourceGroupName,
    vaultName: vault.name,
    keyName,
    properties: {
      kty: 'RSA',
      keySize: 3072,
      keyOps: ['wrapKey', 'unwrapKey'],
      rotationPolicy: { lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate: 'P365D' } }] },
    },
    tags: tags('key'),
    // The provider deletes keys through the vault itself, which is closed to it; the key goes with its vault, or stays with it.
  }, { ...kept, retainOnDelete: true });
  const set = new DiskEncryptionSet('key', {
    ...place,
    diskEncryptionSetName: physical('key'),
    encryptionType: 'EncryptionAtRestWithCustomerKey',
    identity: { type: 'SystemAssigned' },
    activeKey: { sourceVault: { id: vault.id }, keyUrl: key.keyUriWithVersion },
    rotationToLatestKeyVersionEnabled: true,
    tags: tags('key'),
    // The set moves on to new versions by itself; the version of its creation would take it back.
  }, { ...options, ignoreChanges: ['activeKey.keyUrl'] });
  const principal = set.identity.apply((identity) => identity?.principalId ?? '');
  return onceMade(set.id, [assignRole(context, 'disk-encryption', principal, keyGrant(context), key)]);
}
