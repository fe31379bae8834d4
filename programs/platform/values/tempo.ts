import { addonServiceAccounts } from '../../service-accounts.js';
import { traceRetentionDays } from '../../traces.js';
import { defaultStorageClass } from '../storage-classes.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { goHours, monitored, type ValuesInput } from './context.js';
import { containerOf } from './object-store.js';

/** Where its objects lie in the store. The slash belongs to it: Tempo lists by exactly this when it starts, and may list nothing else. */
const prefix = 'traces/';

/** Tempo: the bucket or container and the identity to use it, how long traces are kept, where the newest lie. */
export function tempo(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const identity = requiredIdentityParts('tempo', input);
  return {
    tempo: { retention: goHours(traceRetentionDays), storage: { trace: objectStore(input) }, extraEnv: identity.env, extraVolumeMounts: identity.mounts },
    extraVolumes: identity.volumes,
    serviceAccount: { name: addonServiceAccounts[spec.provider].tempo.name },
    persistence: { storageClassName: defaultStorageClass[spec.provider] },
    serviceMonitor: { enabled: monitored(spec) },
  };
}

/** Where traces lie, as Tempo takes it: without keys it signs in as the pod's identity. */
function objectStore({ spec, infrastructure }: ValuesInput): Record<string, unknown> {
  switch (spec.provider) {
    case 'aws':
      return { backend: 's3', s3: { bucket: infrastructure.backupStore, prefix, region: spec.region, endpoint: `s3.${spec.region}.amazonaws.com` } };
    case 'azure': {
      const { account, container } = containerOf(infrastructure.backupStore);
      return { backend: 'azure', azure: { storage_account_name: account, container_name: container, prefix, use_federated_token: true } };
    }
  }
}
