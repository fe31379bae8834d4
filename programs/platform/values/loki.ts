import { addonServiceAccounts } from '../../service-accounts.js';
import { defaultStorageClass } from '../storage-classes.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { goHours, highlyAvailable, monitored, type ValuesInput } from './context.js';
import { containerOf } from './object-store.js';

/** Loki: the bucket or container and the identity to use it, how long logs are kept, replicas and caches. */
export function loki(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const available = highlyAvailable(spec);
  const replicas = available ? 3 : 1;
  const identity = requiredIdentityParts('loki', input);
  const { type, bucket, settings } = objectStore(input);
  return {
    loki: {
      commonConfig: { replication_factor: replicas },
      storage: {
        type,
        bucketNames: { chunks: bucket, ruler: bucket },
        object_store: { type, [type]: settings },
      },
      schemaConfig: { configs: [{ from: '2024-04-01', store: 'tsdb', object_store: type, schema: 'v13', index: { prefix: 'index_', period: '24h' } }] },
      compactor: { delete_request_store: type },
      limits_config: { retention_period: goHours(spec.compliance.logRetentionDays) },
    },
    serviceAccount: { name: addonServiceAccounts[spec.provider].loki.name },
    singleBinary: {
      replicas, extraEnv: identity.env, extraVolumes: identity.volumes, extraVolumeMounts: identity.mounts,
      persistence: { storageClass: defaultStorageClass[spec.provider] },
    },
    // One replica has what it needs in its own memory.
    chunksCache: { enabled: available },
    resultsCache: { enabled: available },
    monitoring: { serviceMonitor: { enabled: monitored(spec) } },
  };
}

/** Where logs lie, as Loki's storage client takes it: without keys it signs in as the pod's identity. */
function objectStore({ spec, infrastructure }: ValuesInput): { type: 's3' | 'azure'; bucket: string; settings: Record<string, string> } {
  switch (spec.provider) {
    case 'aws':
      return { type: 's3', bucket: infrastructure.backupStore, settings: { region: spec.region, endpoint: `s3.${spec.region}.amazonaws.com` } };
    case 'azure': {
      const { account, container } = containerOf(infrastructure.backupStore);
      return { type: 'azure', bucket: container, settings: { account_name: account } };
    }
  }
}
