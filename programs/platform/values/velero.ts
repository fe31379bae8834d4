import type { ClusterSpec, Provider } from '../../../model/spec.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { goHours, monitored, type ValuesInput } from './context.js';
import { containerOf } from './object-store.js';

/** Velero 1.18 goes with plugins 1.14. There is no CSI plugin: it is part of Velero since 1.14, and a second registration stops the server. */
const plugins: Readonly<Record<Provider, { name: string; version: string }>> = {
  aws: { name: 'velero-plugin-for-aws', version: 'v1.14.2' },
  azure: { name: 'velero-plugin-for-microsoft-azure', version: 'v1.14.2' },
};

/** Velero: the cloud's plugin, the bucket or container, key and identity, the schedules with the retention that the spec asks for, and monitoring of the backups themselves. */
export function velero(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const identity = requiredIdentityParts('velero', input);
  const { name, version } = plugins[spec.provider];
  return {
    initContainers: [{ name, image: `docker.io/velero/${name}:${version}`, imagePullPolicy: 'IfNotPresent', volumeMounts: [{ name: 'plugins', mountPath: '/target' }] }],
    configuration: {
      backupStorageLocation: [{ name: 'default', provider: spec.provider, ...storageLocation(input), prefix: 'velero', default: true }],
      extraEnvVars: identity.env,
    },
    serviceAccount: { server: { name: addonServiceAccounts[spec.provider].velero.name } },
    extraVolumes: identity.volumes,
    extraVolumeMounts: identity.mounts,
    // The node agent writes what it reads from the volumes to the bucket itself.
    nodeAgent: { extraEnvVars: identity.env, extraVolumes: identity.volumes, extraVolumeMounts: identity.mounts },
    schedules: {
      daily: {
        schedule: '17 2 * * *',
        template: nightlyBackup(spec),
      },
      // Objects only, small and quick: what was changed by hand today is not lost until tomorrow.
      hourly: {
        schedule: '47 * * * *',
        template: {
          ttl: goHours(3),
          storageLocation: 'default',
          defaultVolumesToFsBackup: false,
          snapshotVolumes: false,
          excludedNamespaces: unsaved(spec),
        },
      },
    },
    metrics: {
      serviceMonitor: { enabled: monitored(spec) },
      nodeAgentPodMonitor: { enabled: monitored(spec) },
    },
  };
}

/** What is saved every night, and on demand, as Velero's schedules and backups say it: all that teams have, with the files of volumes. */
export function nightlyBackup(spec: ClusterSpec): Record<string, unknown> {
  return { ttl: goHours(spec.compliance.backupRetentionDays), storageLocation: 'default', excludedNamespaces: unsaved(spec) };
}

/** Namespaces whose objects and volumes are in no backup: metrics and logs are not restored from one, and neither are the backups' own records. */
function unsaved({ platform, provider }: ClusterSpec): string[] {
  const logs = platform.logging === 'opensearch' ? 'opensearch' : 'logging';
  return ['kube-node-lease', 'monitoring', logs, addonServiceAccounts[provider].velero.namespace];
}

/** Where backups lie, as the cloud's plugin takes it. */
function storageLocation({ spec, account, infrastructure }: ValuesInput): { bucket: string; config: Record<string, string | null> } {
  switch (account.provider) {
    case 'aws':
      return { bucket: infrastructure.backupStore, config: { region: spec.region, kmsKeyId: infrastructure.keyId } };
    case 'azure': {
      const { account: storageAccount, container, endpoint } = containerOf(infrastructure.backupStore);
      // With the address in it, the plugin need not ask the management plane for it; with "useAAD" it does not ask for the account's keys.
      return { bucket: container, config: { storageAccount, storageAccountURI: endpoint, subscriptionId: account.subscriptionId, useAAD: 'true' } };
    }
  }
}
