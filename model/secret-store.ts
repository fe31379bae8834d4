import type { ClusterSpec, Provider } from './spec.js';

/** What tells where the secrets of a cluster lie. */
export type StoreChoice = Pick<ClusterSpec, 'provider' | 'secretStore'>;
/** What a store is, by which its names differ. */
export type StoreKind = Provider | 'vault' | 'google';

/** What the store of a cluster is. */
export function storeKind({ provider, secretStore: { kind } }: StoreChoice): StoreKind {
  return kind === 'cloud' ? provider : kind;
}

/** Name of the ClusterSecretStore: `cloud`, `vault` or `google`. */
export function storeName({ secretStore }: StoreChoice): string {
  return secretStore.kind;
}

/**
 * What the names of a namespace's secrets begin with in each store: `payments/database` on AWS and in Vault, `payments--database` on Azure and Google, whose names have letters, digits and
 * hyphens only. A policy of the cluster lets each namespace read what begins so, and nothing else.
 */
export const secretSeparators: Readonly<Record<StoreKind, string>> = { aws: '/', azure: '--', vault: '/', google: '--' };

/** The key by which an ExternalSecret of a namespace asks the store for one of its secrets. */
export function secretKey(store: StoreChoice, namespace: string, name: string): string {
  return `${namespace}${secretSeparators[storeKind(store)]}${name}`;
}

/** How the platform itself asks for a secret of one of its namespaces. What others keep as a text, Vault keeps under keys; the one that is read is `value`. */
export function secretReference(store: StoreChoice, namespace: string, name: string): { key: string; property?: string } {
  return { key: secretKey(store, namespace, name), ...(storeKind(store) === 'vault' ? { property: 'value' } : {}) };
}

/** AWS: what the names of all secrets begin with that pods of a cluster may get. The store puts it before each key. */
export function awsSecretPrefix(cluster: string): string {
  return `clusterwright/${cluster}/`;
}
