import { BlobContainer } from '@pulumi/azure-native/storage/blobContainer.js';
import { BlobServiceProperties } from '@pulumi/azure-native/storage/blobServiceProperties.js';
import { ManagementPolicy } from '@pulumi/azure-native/storage/managementPolicy.js';
import { StorageAccount } from '@pulumi/azure-native/storage/storageAccount.js';
import { azureBackupContainer, azureBackupContainerUrl, azureIssuerContainer, azureStorageAccount } from '../../model/clouds/azure.js';
import { traceRetentionDays } from '../traces.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import { addonPrefixes, snapshotPrefix } from './policies/subjects.js';

/** The cluster's storage accounts. Names are deterministic, so conditions and user data can speak of them before they exist. */
export interface Storage {
  /** The private container for backups, snapshots, claims and steps, and its URL. */
  readonly backups: BlobContainer;
  readonly backupsUrl: string;
  /** The public-read container with the issuer's documents; undefined without workload identity. */
  readonly issuer: BlobContainer | undefined;
  /** The account that flow logs are written to. */
  readonly flowLogs: StorageAccount;
  /** The containers there are. Machines that write to them go before them. */
  readonly containers: readonly BlobContainer[];
}

/** The private store, the public one of the service-account issuer, and one for flow logs. */
export function storage(context: Context, network: Network): Storage {
  const backups = backupContainer(context, network);
  const issuer = context.spec.network.workloadIdentity ? issuerContainer(context) : undefined;
  return {
    backups,
    backupsUrl: azureBackupContainerUrl({ name: context.spec.name, uid: context.uid }),
    issuer,
    flowLogs: flowLogAccount(context),
    containers: [backups, ...(issuer ? [issuer] : [])],
  };
}

/** Versioned, private, for the cluster's subnets and the worker only, by identity and never by account key: backups, snapshots, logs, and what nodes tell about themselves. */
function backupContainer(context: Context, { controlPlane, workers }: Network): BlobContainer {
  const { spec: { compliance }, account, kept, place: { resourceGroupName } } = context;
  const made = storageAccount(context, 'backups', {
    networkRuleSet: {
      bypass: 'None',
      defaultAction: 'Deny',
      ipRules: account.workerCidrs.map((cidr) => ({ iPAddressOrRange: storageRange(cidr), action: 'Allow' as const })),
      virtualNetworkRules: [controlPlane, workers].map(({ id }) => ({ virtualNetworkResourceId: id, action: 'Allow' as const })),
    },
  }, kept);
  const properties = new BlobServiceProperties('backups', {
    resourceGroupName,
    accountName: made.name,
    blobServicesName: 'default',
    isVersioningEnabled: true,
    deleteRetentionPolicy: { enabled: true, days: 7 },
    containerDeleteRetentionPolicy: { enabled: true, days: 7 },
  }, kept);
  const days = compliance.backupRetentionDays;
  const rule = (name: string, prefix: string, actions: object) => ({
    name, enabled: true, type: 'Lifecycle', definition: { filters: { blobTypes: ['blockBlob'], prefixMatch: [`${azureBackupContainer}/${prefix}`] }, actions },
  });
  new ManagementPolicy('backups', {
    resourceGroupName,
    accountName: made.name,
    managementPolicyName: 'default',
    policy: {
      rules: [
        // Velero drops its own backups when they are due; what it leaves behind as old versions goes after the same time.
        rule('old-versions', '', { version: { delete: { daysAfterCreationGreaterThan: days } } }),
        rule('snapshots', snapshotPrefix, { baseBlob: { delete: { daysAfterModificationGreaterThan: days } } }),
        rule('logs', addonPrefixes.loki, { baseBlob: { delete: { daysAfterModificationGreaterThan: compliance.logRetentionDays } } }),
        rule('traces', addonPrefixes.tempo, { baseBlob: { delete: { daysAfterModificationGreaterThan: traceRetentionDays } } }),
      ],
    },
    // One after the other: an account refuses a change while another is under way.
  }, { ...kept, dependsOn: properties });
  return new BlobContainer('backups', { resourceGroupName, accountName: made.name, containerName: azureBackupContainer, publicAccess: 'None' }, { ...kept, dependsOn: properties });
}

/** Public for reading single blobs, which hold nothing but public keys; nobody can list them. */
function issuerContainer(context: Context): BlobContainer {
  const made = storageAccount(context, 'issuer', { allowBlobPublicAccess: true, networkRuleSet: { bypass: 'None', defaultAction: 'Allow' } }, context.options);
  return new BlobContainer('issuer', {
    resourceGroupName: context.place.resourceGroupName, accountName: made.name, containerName: azureIssuerContainer, publicAccess: 'Blob',
  }, context.options);
}

/**
 * Network Watcher writes with the account's key and as one of Azure's own services, so the logs have an account where both are allowed, and the backups one
 * where neither is. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
 */
function flowLogAccount(context: Context): StorageAccount {
  const { spec: { compliance }, options, place: { resourceGroupName } } = context;
  const made = storageAccount(context, 'flowlogs', { allowSharedKeyAccess: true, networkRuleSet: { bypass: 'AzureServices', defaultAction: 'Deny' } }, options);
  new ManagementPolicy('flow-logs', {
    resourceGroupName,
    accountName: made.name,
    managementPolicyName: 'default',
    policy: {
      rules: [{
        name: 'logs', enabled: true, type: 'Lifecycle',
        definition: { filters: { blobTypes: ['blockBlob', 'appendBlob'] }, actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: compliance.logRetentionDays } } } },
      }],
    },
  }, options);
  return made;
}

type Access = Pick<ConstructorParameters<typeof StorageAccount>[1], 'networkRuleSet' | 'allowBlobPublicAccess' | 'allowSharedKeyAccess'>;

/** An account over three zones, encrypted twice, over TLS only and without what it does not need. */
function storageAccount({ spec, uid, place, tags }: Context, part: Parameters<typeof azureStorageAccount>[1], access: Access, options: Context['options'] | Context['kept']): StorageAccount {
  const name = part === 'flowlogs' ? 'flow-logs' : part;
  return new StorageAccount(name, {
    ...place,
    accountName: azureStorageAccount({ name: spec.name, uid }, part),
    kind: 'StorageV2',
    sku: { name: 'Standard_ZRS' },
    accessTier: 'Hot',
    minimumTlsVersion: 'TLS1_2',
    enableHttpsTrafficOnly: true,
    allowBlobPublicAccess: false,
    allowSharedKeyAccess: false,
    defaultToOAuthAuthentication: true,
    allowCrossTenantReplication: false,
    publicNetworkAccess: 'Enabled',
    encryption: { keySource: 'Microsoft.Storage', requireInfrastructureEncryption: true, services: { blob: { enabled: true, keyType: 'Account' } } },
    ...access,
    tags: tags(name),
  }, options);
}

/** A network as the firewall of storage accounts takes it: single addresses without a length. https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations */
function storageRange(cidr: string): string {
  return cidr.replace(/\/32$/, '');
}
