import { Vault } from '@pulumi/azure-native/keyvault/vault.js';
import { azureVaultName } from '../../model/clouds/azure.js';
import type { SecretSet } from '../../model/rendezvous.js';
import type { Context } from './context.js';
import type { Network } from './network.js';

/** The vaults by the set of secrets that each holds: Azure gives rights on a vault, so who may read what is a vault of its own. In `applications` lies what people put there for pods. */
export type Vaults = Readonly<Record<SecretSet | 'applications', Vault>>;

/** Who gets to a vault over the network. */
interface Doors {
  readonly publicNetworkAccess: 'Enabled' | 'Disabled';
  /** `AzureServices`: disk encryption reads the key in a closed vault. */
  readonly bypass: 'None' | 'AzureServices';
  readonly networks: readonly { id: Network['controlPlane']['id'] }[];
  readonly addresses: readonly string[];
}

/**
 * The cluster's vaults. Those of the nodes and of applications are closed and have private endpoints; the provisioner's lets in the control planes' subnet, which publishes
 * into it, and the addresses that the worker's calls come from.
 */
export function vaults(context: Context, { controlPlane }: Network): Vaults {
  const closed: Doors = { publicNetworkAccess: 'Disabled', bypass: 'None', networks: [], addresses: [] };
  return {
    // It holds the key that etcd's contents are encrypted with: without it, backups of etcd are of no use.
    'control-plane': vault(context, 'control-plane', { ...closed, bypass: 'AzureServices' }, context.kept),
    join: vault(context, 'join', closed, context.options),
    // Always there, whatever brings its secrets into the cluster: a deleted vault's name is taken for 30 days, so one that went with `secrets: none` could not come back with it.
    applications: vault(context, 'applications', closed, context.kept),
    provisioner: vault(context, 'provisioner', {
      publicNetworkAccess: 'Enabled', bypass: 'None', networks: [{ id: controlPlane.id }], addresses: context.account.workerCidrs,
    }, context.options),
  };
}

function vault({ spec, uid, account, place, tags }: Context, set: keyof Vaults, { publicNetworkAccess, bypass, networks, addresses }: Doors, options: Context['options'] | Context['kept']): Vault {
  return new Vault(`vault-${set}`, {
    ...place,
    vaultName: azureVaultName({ name: spec.name, uid }, set),
    properties: {
      tenantId: account.tenantId,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      // A deleted vault is kept for so long, and nobody can shorten it: its name is taken until then.
      enableSoftDelete: true,
      softDeleteRetentionInDays: 30,
      enablePurgeProtection: true,
      publicNetworkAccess,
      networkAcls: { bypass, defaultAction: 'Deny', ipRules: addresses.map((value) => ({ value })), virtualNetworkRules: [...networks] },
    },
    tags: tags(`vault-${set}`),
  }, options);
}
