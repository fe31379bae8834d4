import type { Provider } from './spec.js';

/** Name of the ClusterSecretStore that stands for the cloud's secret store. */
export const cloudStore = 'cloud';

/**
 * What the names of a namespace's secrets begin with in the cloud's store: `payments/database` on AWS, `payments--database` on Azure, whose names have letters, digits and
 * hyphens only. A policy of the cluster lets each namespace read what begins so, and nothing else.
 */
export const secretSeparators: Readonly<Record<Provider, string>> = { aws: '/', azure: '--' };

/** The key by which an ExternalSecret of a namespace asks the store `cloud` for one of its secrets. */
export function secretKey(provider: Provider, namespace: string, name: string): string {
  return `${namespace}${secretSeparators[provider]}${name}`;
}

/** AWS: what the names of all secrets begin with that pods of a cluster may get. The store puts it before each key. */
export function awsSecretPrefix(cluster: string): string {
  return `clusterwright/${cluster}/`;
}
