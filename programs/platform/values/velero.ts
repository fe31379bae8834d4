import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { goHours, monitored, type ValuesInput } from './context.js';

/** Velero: the bucket, key and identity, the schedules with the retention that the spec asks for, and monitoring of the backups themselves. */
export function velero(input: ValuesInput): Record<string, unknown> {
  const { spec, infrastructure } = input;
  const identity = requiredIdentityParts('velero', input);
  return {
    configuration: {
      backupStorageLocation: [{
        name: 'default',
        provider: 'aws',
        bucket: infrastructure.backupStore,
        prefix: 'velero',
        default: true,
        config: { region: spec.region, kmsKeyId: infrastructure.keyId },
      }],
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
        template: {
          ttl: goHours(spec.compliance.backupRetentionDays),
          storageLocation: 'default',
          // Metrics, logs (in the bucket already) and the backups' own records are not restored from a backup.
          excludedNamespaces: ['kube-node-lease', 'monitoring', 'logging', addonServiceAccounts[spec.provider].velero.namespace],
        },
      },
      // Objects only, small and quick: what was changed by hand today is not lost until tomorrow.
      hourly: {
        schedule: '47 * * * *',
        template: {
          ttl: goHours(3),
          storageLocation: 'default',
          defaultVolumesToFsBackup: false,
          snapshotVolumes: false,
          excludedNamespaces: ['kube-node-lease', 'monitoring', 'logging', addonServiceAccounts[spec.provider].velero.namespace],
        },
      },
    },
    metrics: {
      serviceMonitor: { enabled: monitored(spec) },
      nodeAgentPodMonitor: { enabled: monitored(spec) },
      prometheusRule: { enabled: monitored(spec) },
    },
  };
}
