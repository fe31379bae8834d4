/** What Azure offers, as far as a spec is checked against it before anything is asked of the cloud, and how its narrower names are made. */

/** Regions with three availability zones. https://learn.microsoft.com/azure/reliability/regions-list */
export const azureRegions: readonly string[] = [
  'eastus', 'eastus2', 'centralus', 'southcentralus', 'westus2', 'westus3', 'canadacentral', 'brazilsouth',
  'northeurope', 'westeurope', 'uksouth', 'francecentral', 'germanywestcentral', 'swedencentral', 'switzerlandnorth', 'norwayeast', 'italynorth', 'polandcentral', 'spaincentral',
  'southafricanorth', 'uaenorth', 'israelcentral', 'qatarcentral',
  'eastasia', 'southeastasia', 'japaneast', 'koreacentral', 'australiaeast', 'centralindia',
];

/** The form of VM sizes: `Standard_`, family, vCPUs, features, version. https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions */
export const azureMachineTypePattern = /^Standard_[A-Z]{1,3}[0-9]{1,3}(-[0-9]{1,3})?[a-z]*(_v[0-9]+)?$/;

/**
 * Families that are known to work as nodes, by letters, features and version, with GiB of memory per vCPU: x86-64, Generation 2, Premium SSD and encryption
 * at host.
 */
const families: Readonly<Record<string, number>> = {
  Ds_v5: 4, Das_v5: 4, Dds_v5: 4, Dads_v5: 4, Ds_v6: 4, Das_v6: 4, Dds_v6: 4, Dads_v6: 4,
  Fs_v2: 2, Fas_v6: 4, Fals_v6: 2,
  Es_v5: 8, Eas_v5: 8, Eds_v5: 8, Eads_v5: 8, Es_v6: 8, Eas_v6: 8, Eds_v6: 8, Eads_v6: 8,
};
/** Burstable sizes, for development. */
const burstable: Readonly<Record<string, { vcpus: number; memoryGiB: number }>> = {
  Standard_B2s: { vcpus: 2, memoryGiB: 4 }, Standard_B2ms: { vcpus: 2, memoryGiB: 8 }, Standard_B4ms: { vcpus: 4, memoryGiB: 16 },
  Standard_B2s_v2: { vcpus: 2, memoryGiB: 8 }, Standard_B2as_v2: { vcpus: 2, memoryGiB: 8 }, Standard_B4s_v2: { vcpus: 4, memoryGiB: 16 }, Standard_B4as_v2: { vcpus: 4, memoryGiB: 16 },
};
const sizes: readonly number[] = [2, 4, 8, 16, 32, 48, 64];

/** vCPUs and memory of a VM size, or undefined where the catalogue does not have it. */
export function azureMachineType(name: string): { vcpus: number; memoryGiB: number } | undefined {
  const [, letters = '', count = '', features = '', version = ''] = /^Standard_([A-Z]+)([0-9]+)([a-z]*)(_v[0-9]+)?$/.exec(name) ?? [];
  const ratio = families[`${letters}${features}${version}`];
  const vcpus = Number(count);
  if (ratio === undefined || !sizes.includes(vcpus)) return burstable[name];
  return { vcpus, memoryGiB: vcpus * ratio };
}

/** Every VM size that the catalogue has. */
export function azureMachineTypes(): string[] {
  const named = (family: string): string[] => sizes.map((vcpus) => family.replace(/^([A-Z]+)([a-z]*)/, `Standard_$1${vcpus}$2`));
  return [...Object.keys(families).flatMap(named), ...Object.keys(burstable)];
}

/** The zones of a region as nodes are labelled with them, e.g. `westeurope-1`. */
export function azureZones(region: string): string[] {
  return azureRegions.includes(region) ? ['1', '2', '3'].map((zone) => `${region}-${zone}`) : [];
}

/** Longest name of a vault or a storage account. */
const narrow = 24;

const vaultTails = { 'control-plane': 'cp', join: 'join', provisioner: 'prov', applications: 'apps' } as const;

/** Name of the vault with a set of the cluster's secrets, or with those of its applications: letters, digits and single hyphens. Names are taken world-wide; the uid makes them the cluster's own. */
export function azureVaultName({ name, uid }: { name: string; uid: string }, set: keyof typeof vaultTails): string {
  const tail = `-${uid.slice(0, 6)}-${vaultTails[set]}`;
  return name.replace(/-+/g, '-').slice(0, narrow - tail.length).replace(/-$/, '') + tail;
}

/** Address of the vault with the secrets of applications: people fill it, and pods get theirs from it. */
export function azureApplicationVaultUrl(cluster: { name: string; uid: string }): string {
  return `https://${azureVaultName(cluster, 'applications')}.vault.azure.net`;
}

/** Name of a storage account of the cluster: small letters and digits only. */
export function azureStorageAccount({ name, uid }: { name: string; uid: string }, part: 'backups' | 'issuer' | 'flowlogs'): string {
  const tail = `${uid.slice(0, 6)}${part}`;
  return name.replace(/-/g, '').slice(0, narrow - tail.length) + tail;
}

/** The private container for backups, snapshots, claims and steps. */
export const azureBackupContainer = 'cluster';

/** Address of the private container. */
export function azureBackupContainerUrl(cluster: { name: string; uid: string }): string {
  return `https://${azureStorageAccount(cluster, 'backups')}.blob.core.windows.net/${azureBackupContainer}`;
}

/** The public-read container of the service-account issuer's documents, in the account `issuer`. */
export const azureIssuerContainer = 'issuer';
