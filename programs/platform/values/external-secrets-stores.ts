import { azureApplicationVaultUrl } from '../../../model/clouds/azure.js';
import { awsSecretPrefix, cloudStore } from '../../../model/secret-store.js';
import { receiverSecrets } from './alertmanager.js';
import type { ValuesInput } from './context.js';
import { registrySecrets } from './signed-images.js';

/**
 * The store `cloud`: where the cloud keeps the secrets of this cluster's namespaces. It signs in as external-secrets itself, so there is no secret in it. With it comes what the platform
 * itself reads from it.
 */
export function externalSecretsStores(input: ValuesInput): Record<string, unknown> {
  const store = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: cloudStore }, spec: { provider: provider(input) } };
  return { extraObjects: [store, ...receiverSecrets(input.spec), ...registrySecrets(input.spec)] };
}

function provider({ spec, uid }: ValuesInput): Record<string, unknown> {
  switch (spec.provider) {
    // Without "auth" it takes the role of its own pod. The prefix stands before every key: what lies outside of it cannot even be asked for.
    case 'aws': return { aws: { service: 'SecretsManager', region: spec.region, prefix: awsSecretPrefix(spec.name) } };
    // Without "serviceAccountRef" it takes the identity of its own pod.
    case 'azure': return { azurekv: { authType: 'WorkloadIdentity', vaultUrl: azureApplicationVaultUrl({ name: spec.name, uid }) } };
  }
}
