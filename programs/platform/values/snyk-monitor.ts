import { secretReference, storeName } from '../../../model/secret-store.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { ValuesInput } from './context.js';

/** Namespace and Secret of the monitor, and the names in the store of what is in that, by the key that the monitor reads. */
const namespace = 'snyk-monitor';
const storeNames = { integrationId: 'integration-id', serviceAccountApiToken: 'service-account-token' } as const;

/** Snyk's monitor: what the cluster is called there, and where it is told. */
export function snykMonitor({ spec }: ValuesInput): Record<string, unknown> {
  return { clusterName: spec.name, ...(spec.snyk ? { integrationApi: spec.snyk.api } : {}) };
}

/** What brings the monitor's Secret out of the store. It is part of the release that brings the store. */
export function snykSecrets(spec: ClusterSpec): Record<string, unknown>[] {
  if (spec.platform.scanning !== 'snyk') return [];
  return [{
    apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: namespace, namespace },
    spec: {
      refreshInterval: '15m', secretStoreRef: { kind: 'ClusterSecretStore', name: storeName(spec) }, target: { name: namespace },
      data: Object.entries(storeNames).map(([key, name]) => ({ secretKey: key, remoteRef: secretReference(spec, namespace, name) })),
    },
  }];
}
