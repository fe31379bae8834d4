import { secretReference, storeName } from '../../../model/secret-store.js';
import type { ClusterSpec } from '../../../model/spec.js';

/** A Secret of one of the platform's own namespaces, and what of the store is in it: names in the store by the key in the Secret. */
export interface StoredSecret {
  readonly namespace: string;
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** Type of the Secret; absent: `Opaque`. */
  readonly type?: string;
}

/** What brings a Secret of the platform's own out of the store. It is part of the release that brings the store. */
export function storedSecret(spec: ClusterSpec, { namespace, name, values, type }: StoredSecret): Record<string, unknown> {
  return {
    apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name, namespace },
    spec: {
      refreshInterval: '15m', secretStoreRef: { kind: 'ClusterSecretStore', name: storeName(spec) },
      target: { name, ...(type === undefined ? {} : { template: { type } }) },
      data: Object.entries(values).map(([secretKey, stored]) => ({ secretKey, remoteRef: secretReference(spec, namespace, stored) })),
    },
  };
}
