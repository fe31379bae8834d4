import { describe, expect, it } from 'vitest';
import { awsSecretPrefix, secretKey } from '../../../model/secret-store.js';
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
    const subjects = { cluster: 'payments-prod', uid: 'abc123def456', region: 'eu-west-1', accountId: '123456789012', bucketArn: '', issuerBucketArn: undefined, keyArn: '' };
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

  it('is asked by the namespace and the name', () => {
    expect(providers.map((provider) => secretKey(provider, 'payments', 'database'))).toEqual(['payments/database', 'payments--database']);
  });
});

describe('external-secrets', () => {
  it.each(providers)('brings the fence between namespaces with it on %s, before there is a store', (provider) => {
    expect(valuesOf('external-secrets', inputOf(specOf('production', {}, provider)))).toMatchObject({ extraObjects: secretFence(provider) });
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
