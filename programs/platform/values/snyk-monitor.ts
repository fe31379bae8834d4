import type { ClusterSpec } from '../../../model/spec.js';
import type { ValuesInput } from './context.js';
import { storedSecret } from './stored-secret.js';

/** Namespace and Secret of the monitor, and the names in the store of what is in that, by the key that the monitor reads. */
const namespace = 'snyk-monitor';
const storeNames = { integrationId: 'integration-id', serviceAccountApiToken: 'service-account-token' } as const;

/** Snyk's monitor: what the cluster is called there, and where it is told. */
export function snykMonitor({ spec }: ValuesInput): Record<string, unknown> {
  return { clusterName: spec.name, ...(spec.snyk ? { integrationApi: spec.snyk.api } : {}) };
}

/** What brings the monitor's Secret out of the store. */
export function snykSecrets(spec: ClusterSpec): Record<string, unknown>[] {
  return spec.platform.scanning === 'snyk' ? [storedSecret(spec, { namespace, name: namespace, values: storeNames })] : [];
}
