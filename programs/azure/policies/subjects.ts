import { azureBackupContainer, azureIssuerContainer, azureStorageAccount, azureVaultName } from '../../../model/clouds/azure.js';
import { parseAzureZone } from '../../../model/dns.js';
import type { SecretSet } from '../../../model/rendezvous.js';
import { parseAzureKey } from '../../../model/sops.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { Context } from '../context.js';

/** Prefix of the etcd snapshots in the private container. */
export const snapshotPrefix = 'etcd/';

/** Prefixes of the add-ons' blobs in the private container. */
export const addonPrefixes = { velero: 'velero/', loki: 'loki/', tempo: 'traces/' } as const;

/** Name of the key that encrypts the disks, in the control planes' vault. */
export const keyName = 'disks';

/** What rights are given on, by id. */
export interface PolicySubjects {
  readonly group: string;
  readonly vaults: Readonly<Record<SecretSet, string>>;
  /** The vault with the secrets of applications. */
  readonly applicationVault: string;
  /** The private container. */
  readonly container: string;
  /** The public container of the issuer's documents, where there is one. */
  readonly issuerContainer: string | undefined;
  /** Ids of the DNS zones that names are written into, and of the resource group that they all lie in. */
  readonly zones: { readonly group: string; readonly ids: readonly string[] } | undefined;
  /** Ids of the key that Flux decrypts with, if there is one, and of the resource group that its vault lies in. */
  readonly sopsKey: { readonly group: string; readonly id: string } | undefined;
}

/** The subjects of a cluster's rights. Names are deterministic, so their ids are known before they exist. */
export function policySubjects({ spec, uid, groupId, id }: Pick<Context, 'spec' | 'uid' | 'groupId' | 'id'>): PolicySubjects {
  const cluster = { name: spec.name, uid };
  const vault = (set: SecretSet | 'applications'): string => id('Microsoft.KeyVault/vaults', azureVaultName(cluster, set));
  const container = (account: 'backups' | 'issuer', name: string): string =>
    `${id('Microsoft.Storage/storageAccounts', azureStorageAccount(cluster, account))}/blobServices/default/containers/${name}`;
  return {
    group: groupId,
    vaults: { 'control-plane': vault('control-plane'), join: vault('join'), provisioner: vault('provisioner') },
    applicationVault: vault('applications'),
    container: container('backups', azureBackupContainer),
    issuerContainer: spec.network.workloadIdentity ? container('issuer', azureIssuerContainer) : undefined,
    zones: dnsZones(spec),
    sopsKey: sopsKey(spec),
  };
}

function sopsKey({ gitops }: ClusterSpec): PolicySubjects['sopsKey'] {
  const id = gitops?.sops?.key;
  const key = id === undefined ? undefined : parseAzureKey(id);
  return id === undefined || key === undefined ? undefined : { group: key.group, id };
}

function dnsZones({ dns }: ClusterSpec): PolicySubjects['zones'] {
  const [first] = dns.zones;
  const zone = first === undefined ? undefined : parseAzureZone(first);
  return zone && { group: zone.group, ids: dns.zones };
}
