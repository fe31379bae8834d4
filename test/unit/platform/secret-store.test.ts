import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../../model/secret-stores.js';
import { awsSecretPrefix, secretKey, secretReference } from '../../../model/secret-store.js';
import { chartsOf } from '../../../programs/platform/charts.js';
import { secretFence } from '../../../programs/platform/secret-fence.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { addonStatements } from '../../../programs/aws/policies/addons.js';
import { policySubjects } from '../../../programs/azure/policies/subjects.js';
import { providers, type Provider } from '../../../model/spec.js';
import { inputOf, specOf } from './clusters.js';

const storeOf = (provider: Provider): unknown => valuesOf('external-secrets-stores', inputOf(specOf('production', {}, provider)))['extraObjects'];

describe('store "cloud"', () => {
  it('is Secrets Manager on AWS, below the prefix that the role may read', () => {
    expect(storeOf('aws')).toEqual([{
      apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'cloud' },
      spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-west-1', prefix: 'clusterwright/payments-prod/' } } },
    }]);
    const subjects = { cluster: 'payments-prod', uid: 'abc123def456', region: 'eu-west-1', accountId: '123456789012', bucketArn: '', issuerBucketArn: undefined, keyArn: '', zones: [], networkId: 'vpc-0123456789abcdef0', sopsKey: undefined };
    expect(addonStatements('external-secrets', subjects).map(({ Resource }) => Resource)).toEqual([`arn:aws:secretsmanager:eu-west-1:123456789012:secret:${awsSecretPrefix('payments-prod')}*`]);
  });

  it('is the applications\' vault on Azure, the one that the identity may read', () => {
    expect(storeOf('azure')).toEqual([{
      apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'cloud' },
      spec: { provider: { azurekv: { authType: 'WorkloadIdentity', vaultUrl: 'https://payments-pro-abc123-apps.vault.azure.net' } } },
    }]);
    const { applicationVault } = policySubjects({ spec: specOf('production', {}, 'azure'), uid: 'abc123def456', groupId: '/group', id: (type, name) => `/group/${type}/${name}` });
    expect(applicationVault).toBe('/group/Microsoft.KeyVault/vaults/payments-pro-abc123-apps');
  });

  it.each(providers)('comes after the release with its kind and its webhook on %s, and brings nothing else', (provider) => {
    const release = chartsOf(specOf('production', {}, provider)).find(({ name }) => name === 'external-secrets-stores');
    expect(release?.after).toEqual(['external-secrets']);
    expect(valuesOf('external-secrets-stores', inputOf(specOf('production', {}, provider)))).toMatchObject({
      installCRDs: false, createOperator: false, webhook: { create: false }, certController: { create: false }, rbac: { create: false }, serviceAccount: { create: false },
    });
  });

  it('is asked for what Snyk signs in with, where that scans', () => {
    const snyk = (provider: Provider) => valuesOf('external-secrets-stores', inputOf(specOf('production', { platform: { scanning: 'snyk' } }, provider)))['extraObjects'];
    expect(snyk('azure')).toContainEqual(expect.objectContaining({ kind: 'ExternalSecret', metadata: { name: 'snyk-monitor', namespace: 'snyk-monitor' }, spec: expect.objectContaining({
      target: { name: valuesOf('snyk-monitor', inputOf(specOf('production')))['monitorSecrets'] },
      data: [
        { secretKey: 'integrationId', remoteRef: { key: 'snyk-monitor--integration-id' } }, { secretKey: 'serviceAccountApiToken', remoteRef: { key: 'snyk-monitor--service-account-token' } },
      ],
    }) as unknown }));
  });

  it('is asked for what lets Datadog\'s agents in, and for what they know each other by, where they are', () => {
    const objects = valuesOf('external-secrets-stores', inputOf(specOf('production', { platform: { hostedMonitoring: 'datadog' } })))['extraObjects'];
    const { datadog, clusterAgent } = valuesOf('datadog', inputOf(specOf('production'))) as { datadog: Record<string, unknown>; clusterAgent: Record<string, unknown> };
    expect([datadog['apiKeyExistingSecret'], clusterAgent['tokenExistingSecret']]).toEqual(['datadog', 'datadog']);
    expect(objects).toContainEqual(expect.objectContaining({ kind: 'ExternalSecret', metadata: { name: 'datadog', namespace: 'datadog' }, spec: expect.objectContaining({
      target: { name: 'datadog' }, data: [{ secretKey: 'api-key', remoteRef: { key: 'datadog/api-key' } }, { secretKey: 'token', remoteRef: { key: 'datadog/cluster-agent-token' } }],
    }) as unknown }));
    expect(JSON.stringify(storeOf('aws'))).not.toContain('datadog');
  });

  it('is asked by the namespace and the name', () => {
    expect(providers.map((provider) => secretKey(specOf('production', {}, provider), 'payments', 'database'))).toEqual(['payments/database', 'payments--database']);
  });
});

const vault: SecretStore = { kind: 'vault', server: 'https://vault.example.com', mount: 'kv', role: 'payments-prod', login: 'jwt' };
const google: SecretStore = { kind: 'google', project: 'acme-secrets', identityProvider: 'projects/123456789012/locations/global/workloadIdentityPools/clusters/providers/payments-prod' };
const alerting = { receivers: [{ kind: 'webhook', name: 'on-call', secret: 'hook' }] };
const withStore = (secretStore: SecretStore) => specOf('production', { secretStore, alerting });
const objectsOf = (secretStore: SecretStore): unknown => valuesOf('external-secrets-stores', inputOf(withStore(secretStore)))['extraObjects'];

describe('stores outside of the cloud', () => {
  it('are signed in to with a token for them alone: Vault', () => {
    const authority = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    expect(objectsOf({ ...vault, namespace: 'teams', authority })).toMatchObject([{
      kind: 'ClusterSecretStore', metadata: { name: 'vault' },
      spec: {
        provider: {
          vault: {
            server: 'https://vault.example.com', path: 'kv', version: 'v2', namespace: 'teams', caBundle: Buffer.from(authority).toString('base64'),
            auth: { jwt: { path: 'jwt', role: 'payments-prod', kubernetesServiceAccountToken: { serviceAccountRef: { namespace: 'external-secrets', name: 'external-secrets' }, audiences: ['https://vault.example.com'], expirationSeconds: 600 } } },
          },
        },
      },
    }, { kind: 'ExternalSecret', spec: { secretStoreRef: { name: 'vault' }, data: [{ remoteRef: { key: 'monitoring/hook', property: 'value' } }] } }]);
  });

  it('are signed in to with a token for them alone: Google', () => {
    expect(objectsOf({ ...google, serviceAccount: 'reader@acme-secrets.iam.gserviceaccount.com' })).toMatchObject([{
      kind: 'ClusterSecretStore', metadata: { name: 'google' },
      spec: {
        provider: {
          gcpsm: {
            projectID: 'acme-secrets',
            auth: {
              workloadIdentityFederation: {
                audience: `//iam.googleapis.com/${google.identityProvider}`, gcpServiceAccountEmail: 'reader@acme-secrets.iam.gserviceaccount.com',
                serviceAccountRef: { namespace: 'external-secrets', name: 'external-secrets', audiences: [`https://iam.googleapis.com/${google.identityProvider}`] },
              },
            },
          },
        },
      },
    }, { kind: 'ExternalSecret', spec: { secretStoreRef: { name: 'google' }, data: [{ remoteRef: { key: 'monitoring--hook' } }] } }]);
  });

  it.each([vault, google])('give external-secrets the right to a token of its own, and of nobody else: $kind', (store) => {
    const { extraObjects } = valuesOf('external-secrets', inputOf(withStore(store))) as { extraObjects: object[] };
    expect(extraObjects.slice(0, 2)).toEqual(secretFence(withStore(store)));
    expect(extraObjects.slice(2)).toMatchObject([
      { kind: 'Role', metadata: { namespace: 'external-secrets' }, rules: [{ resources: ['serviceaccounts/token'], resourceNames: ['external-secrets'], verbs: ['create'] }] },
      { kind: 'RoleBinding', metadata: { namespace: 'external-secrets' }, subjects: [{ kind: 'ServiceAccount', name: 'external-secrets', namespace: 'external-secrets' }] },
    ]);
  });

  it('hold what the platform itself reads under the key "value" where they hold more than a text', () => {
    expect([vault, google].map((store) => secretReference(withStore(store), 'monitoring', 'hook'))).toEqual([{ key: 'monitoring/hook', property: 'value' }, { key: 'monitoring--hook' }]);
  });
});

describe('external-secrets', () => {
  it.each(providers)('brings the fence between namespaces with it on %s, before there is a store', (provider) => {
    expect(valuesOf('external-secrets', inputOf(specOf('production', {}, provider)))).toMatchObject({ extraObjects: secretFence(specOf('production', {}, provider)) });
  });

  it('takes no store of a namespace, pushes nothing, generates nothing and makes no tokens', () => {
    expect(valuesOf('external-secrets', inputOf(specOf('production')))).toMatchObject({
      processSecretStore: false, processPushSecret: false, processClusterPushSecret: false, processClusterGenerator: false, processClusterExternalSecret: false,
      rbac: { serviceAccountTokenCreate: false, aggregateToEdit: false, aggregateToAdmin: false },
    });
  });

  it('runs several times with budgets where the platform does, and once without them elsewhere', () => {
    const budget = (enabled: boolean) => ({ podDisruptionBudget: { enabled } });
    expect(valuesOf('external-secrets', inputOf(specOf('production')))).toMatchObject({
      replicaCount: 2, ...budget(true), certController: { replicaCount: 2, ...budget(true) }, webhook: { replicaCount: 3, ...budget(true) },
    });
    expect(valuesOf('external-secrets', inputOf(specOf('development')))).toMatchObject({
      replicaCount: 1, ...budget(false), certController: { replicaCount: 1, ...budget(false) }, webhook: { replicaCount: 1, ...budget(false) },
    });
  });
});
