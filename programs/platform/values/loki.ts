import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { goHours, highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Loki: the bucket and the identity to use it, how long logs are kept, replicas and caches. */
export function loki(input: ValuesInput): Record<string, unknown> {
  const { spec, infrastructure } = input;
  const available = highlyAvailable(spec);
  const replicas = available ? 3 : 1;
  const identity = requiredIdentityParts('loki', input);
  return {
    loki: {
      commonConfig: { replication_factor: replicas },
      storage: {
        bucketNames: { chunks: infrastructure.backupStore, ruler: infrastructure.backupStore },
        object_store: { s3: { region: spec.region, endpoint: `s3.${spec.region}.amazonaws.com` } },
      },
      limits_config: { retention_period: goHours(spec.compliance.logRetentionDays) },
    },
    serviceAccount: { name: addonServiceAccounts[spec.provider].loki.name },
    singleBinary: { replicas, extraEnv: identity.env, extraVolumes: identity.volumes, extraVolumeMounts: identity.mounts },
    // One replica has what it needs in its own memory.
    chunksCache: { enabled: available },
    resultsCache: { enabled: available },
    monitoring: { serviceMonitor: { enabled: monitored(spec) } },
  };
}
