import { azureApplicationVaultUrl } from '../../../model/clouds/azure.js';
import { awsSecretPrefix, storeName } from '../../../model/secret-store.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { receiverSecrets } from './alertmanager.js';
import type { ValuesInput } from './context.js';
import { datadogSecrets } from './datadog.js';
import { registrySecrets } from './signed-images.js';
import { snykSecrets } from './snyk-monitor.js';

/**
 * The store of the spec: where the secrets of this cluster's namespaces are kept. external-secrets signs in to it as itself, so there is no secret in it. With it comes what the platform
 * itself reads from it.
 */
export function externalSecretsStores(input: ValuesInput): Record<string, unknown> {
  const store = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: storeName(input.spec) }, spec: { provider: provider(input) } };
  return { extraObjects: [store, ...receiverSecrets(input.spec), ...registrySecrets(input.spec), ...snykSecrets(input.spec), ...datadogSecrets(input.spec)] };
}

function provider({ spec, uid }: ValuesInput): Record<string, unknown> {
  const { secretStore: store } = spec;
  const serviceAccountRef = addonServiceAccounts[spec.provider]['external-secrets'];
  switch (store.kind) {
    case 'cloud': return cloud({ spec, uid });
    case 'vault': return {
      vault: {
        server: store.server, path: store.mount, version: 'v2',
        ...(store.namespace === undefined ? {} : { namespace: store.namespace }),
        ...(store.authority === undefined ? {} : { caBundle: Buffer.from(store.authority).toString('base64') }),
        // The token is for this server alone, which could otherwise use it somewhere else.
        auth: { jwt: { path: store.login, role: store.role, kubernetesServiceAccountToken: { serviceAccountRef, audiences: [store.server], expirationSeconds: 600 } } },
      },
    };
    case 'google': return {
      gcpsm: {
        projectID: store.project,
        auth: {
          workloadIdentityFederation: {
            audience: `//iam.googleapis.com/${store.identityProvider}`,
            serviceAccountRef: { ...serviceAccountRef, audiences: [`https://iam.googleapis.com/${store.identityProvider}`] },
            ...(store.serviceAccount === undefined ? {} : { gcpServiceAccountEmail: store.serviceAccount }),
          },
        },
      },
    };
  }
}

function cloud({ spec, uid }: Pick<ValuesInput, 'spec' | 'uid'>): Record<string, unknown> {
  switch (spec.provider) {
    // Without "auth" it takes the role of its own pod. The prefix stands before every key: what lies outside of it cannot even be asked for.
    case 'aws': return { aws: { service: 'SecretsManager', region: spec.region, prefix: awsSecretPrefix(spec.name) } };
    // Without "serviceAccountRef" it takes the identity of its own pod.
    case 'azure': return { azurekv: { authType: 'WorkloadIdentity', vaultUrl: azureApplicationVaultUrl({ name: spec.name, uid }) } };
  }
}
