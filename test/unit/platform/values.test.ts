import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { neededIdentities as awsIdentities } from '../../../programs/aws/identity.js';
import { addonPrefixes as awsPrefixes } from '../../../programs/aws/policies/addons.js';
import { neededIdentities as azureIdentities } from '../../../programs/azure/identity.js';
import { addonPrefixes as azurePrefixes } from '../../../programs/azure/policies/subjects.js';
import { textfileFolder } from '../../../programs/platform/benchmark.js';
import { charts, chartsOf } from '../../../programs/platform/charts.js';
import { azureCloudConfig } from '../../../programs/platform/cloud-config.js';
import { azureDnsConfig } from '../../../programs/platform/dns-config.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import type { PlatformInput } from '../../../programs/provider.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import type { Json } from '../../../model/merge-patch.js';
import { providers, type ClusterSpec, type Provider } from '../../../model/spec.js';
import { expectGolden, goldenFiles } from '../../support/golden.js';
import { inputOf, specOf } from './clusters.js';

const templates = ['production', 'development'] as const;
const files = providers.flatMap((provider) => templates.flatMap((template) =>
  chartsOf(specOf(template, {}, provider)).map(({ name }) => ({ provider, template, name, file: `${provider}-${template}/${name}.yaml` }))));
/** What no template has. */
const dns = { zones: ['Z0123456789ABCDEFGHIJ'] };
const root = { repository: 'https://git.example.com/platform/clusters.git', path: 'payments-prod' };
const nfs: Json = { storage: { classes: [{ kind: 'nfs', name: 'shared', server: '192.0.2.4' }] } };
const alternatives = ([{ platform: { cni: 'calico' } }, { platform: { cni: 'flannel' } }, { platform: { cni: 'aws-vpc-cni' } }, { platform: { gitops: 'flux' }, gitops: { ...root, secret: 'git-credentials', sops: { key: 'arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-0b0a-4090-8080-070605040302' } } }, { platform: { policy: 'gatekeeper' } }, { platform: { runtimeSecurity: 'falco' } }, { platform: { podSizing: 'vertical-pod-autoscaler' } }, nfs, { platform: { databases: 'zalando-postgres' } }, { platform: { dns: 'external-dns' }, dns }, { platform: { scanning: 'snyk' } }, { platform: { logging: 'opensearch' } }, { platform: { hostedMonitoring: 'datadog' }, datadog: { site: 'datadoghq.eu', logs: true } }, { platform: { mesh: 'istio-ambient' } }, { platform: { backup: 'rancher-backup' } }] as const).flatMap((patch) => {
  const usual = new Set(chartsOf(specOf('production')).map(({ name }) => name));
  return chartsOf(specOf('production', patch)).filter(({ name }) => !usual.has(name)).map(({ name }) => ({ patch, name, file: `aws-alternatives/${name}.yaml` }));
});
const prefixes: Readonly<Record<Provider, { velero: string; loki: string; tempo: string }>> = { aws: awsPrefixes, azure: azurePrefixes };

describe('values of charts', () => {
  it.each(files)('$file is as it was agreed', ({ provider, template, name, file }) => {
    expectGolden(`charts/${file}`, stringify(valuesOf(name, inputOf(specOf(template, {}, provider))), { aliasDuplicateObjects: false }));
  });

  it.each(alternatives)('$file is as it was agreed', ({ patch, name, file }) => {
    expectGolden(`charts/${file}`, stringify(valuesOf(name, inputOf(specOf('production', patch))), { aliasDuplicateObjects: false }));
  });

  it('leave no golden file behind', () => {
    expect(goldenFiles('charts')).toEqual([...files, ...alternatives].map(({ file }) => file).sort());
  });

  it.each(providers)('do not change with the bounds of a pool on %s', (provider) => {
    const spec = specOf('production', {}, provider);
    const wider = specOf('production', { nodePools: spec.nodePools.map((pool) => ({ ...pool, minNodes: 5, maxNodes: 200 })) }, provider);
    for (const { name } of chartsOf(wider)) expect(valuesOf(name, inputOf(wider)), name).toEqual(valuesOf(name, inputOf(spec)));
  });

  it('let load bring replicas where there are several control planes, never below what is there without', () => {
    const { deployment, autoscaling } = valuesOf('traefik', inputOf(specOf('production'))) as { deployment: { replicas: number }; autoscaling: { minReplicas: number } };
    expect(autoscaling.minReplicas).toBe(deployment.replicas);
    const collector = valuesOf('opentelemetry-collector', inputOf(specOf('production'))) as { replicaCount: number; autoscaling: { minReplicas: number } };
    expect(collector.autoscaling.minReplicas).toBe(collector.replicaCount);
    const single = inputOf(specOf('development', { platform: { ingress: 'traefik', tracing: 'tempo' } }));
    for (const name of ['traefik', 'opentelemetry-collector'] as const) expect(valuesOf(name, single), name).toMatchObject({ autoscaling: { enabled: false } });
  });

  it('name the service accounts that the cloud trusts', () => {
    const input = inputOf(specOf('production'));
    expect(valuesOf('aws-cloud-controller-manager', input)).toMatchObject({ serviceAccountName: addonServiceAccounts.aws['cloud-controller-manager'].name });
    expect(valuesOf('aws-ebs-csi-driver', input)).toMatchObject({ controller: { serviceAccount: { name: addonServiceAccounts.aws['disk-csi'].name } } });
    expect(valuesOf('loki', input)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.aws.loki.name } });
    expect(valuesOf('external-secrets', input)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.aws['external-secrets'].name } });
    expect(valuesOf('velero', input)).toMatchObject({ serviceAccount: { server: { name: addonServiceAccounts.aws.velero.name } } });
    expect(valuesOf('tempo', input)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.aws.tempo.name } });
    expect(valuesOf('cluster-autoscaler', input)).toMatchObject({ rbac: { serviceAccount: { name: addonServiceAccounts.aws['cluster-autoscaler'].name } } });

    // The cloud controller's chart has a fixed name.
    const azure = inputOf(specOf('production', {}, 'azure'));
    expect(valuesOf('azuredisk-csi-driver', azure)).toMatchObject({ serviceAccount: { controller: addonServiceAccounts.azure['disk-csi'].name } });
    expect(valuesOf('loki', azure)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.azure.loki.name } });
    expect(valuesOf('external-secrets', azure)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.azure['external-secrets'].name } });
    expect(valuesOf('velero', azure)).toMatchObject({ serviceAccount: { server: { name: addonServiceAccounts.azure.velero.name } } });
    expect(valuesOf('tempo', azure)).toMatchObject({ serviceAccount: { name: addonServiceAccounts.azure.tempo.name } });
    expect(valuesOf('cluster-autoscaler', azure)).toMatchObject({ rbac: { serviceAccount: { name: addonServiceAccounts.azure['cluster-autoscaler'].name } } });
  });

  it.each(providers)('keep to the part of the store that %s grants them', (provider) => {
    const input = inputOf(specOf('production', {}, provider));
    expect(valuesOf('velero', input)).toMatchObject({ configuration: { backupStorageLocation: [{ provider, prefix: prefixes[provider].velero.replace(/\/$/, '') }] } });
    expect(valuesOf('loki', input)).toMatchObject({ loki: { storage: { object_store: { storage_prefix: prefixes[provider].loki.replace(/\/$/, '') } } } });
    // With the slash: it lists by this when it starts, and may list nothing shorter.
    const { backend, ...stores } = (valuesOf('tempo', input) as { tempo: { storage: { trace: { backend: string } & Record<string, unknown> } } }).tempo.storage.trace;
    expect(stores[backend]).toMatchObject({ prefix: prefixes[provider].tempo });
  });

  it('write names of this cluster alone, into the zones of the spec alone', () => {
    const { uid } = inputOf(specOf('production'));
    const onAws = valuesOf('external-dns', inputOf(specOf('production', { platform: { dns: 'external-dns' }, dns })));
    expect(onAws).toMatchObject({ provider: { name: 'aws' }, txtOwnerId: uid, extraArgs: { 'zone-id-filter': ['Z0123456789ABCDEFGHIJ'] }, sources: ['service', 'ingress', 'gateway-httproute', 'gateway-grpcroute'], serviceAccount: { name: addonServiceAccounts.aws['external-dns'].name } });
    const onAzure = (type: string, patch: object = {}) => valuesOf('external-dns', inputOf(specOf('production', {
      platform: { dns: 'external-dns', ...patch }, dns: { zones: ['Example.com', 'example.org'].map((zone) => `/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/names/providers/Microsoft.Network/${type}/${zone}`) },
    }, 'azure')));
    expect(onAzure('dnsZones')).toMatchObject({
      provider: { name: 'azure' }, extraArgs: { 'zone-id-filter': ['/example.com', '/example.org'], 'azure-resource-group': 'names', 'azure-subscription-id': '5ab5c0de-0000-4000-8000-000000000001' },
      extraVolumes: expect.arrayContaining([{ name: 'azure-config', configMap: { name: azureDnsConfig } }]) as unknown,
    });
    expect(onAzure('privateDnsZones', { gateway: 'none' })).toMatchObject({ provider: { name: 'azure-private-dns' }, sources: ['service', 'ingress'] });
  });

  it('let routes of the spec\'s namespaces alone attach to the Gateway', () => {
    const gatewayOf = (patch: Parameters<typeof specOf>[1]) => valuesOf('traefik', inputOf(specOf('production', patch)));
    const policyOf = (namespacePolicy: object) => ({ gateway: { listeners: { web: { namespacePolicy }, websecure: { namespacePolicy } } } });
    expect(gatewayOf({})).toMatchObject(policyOf({ from: 'Selector', selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['payments', 'ledger'] }] } }));
    // A selector without values is refused, and one without expressions selects everything.
    expect(gatewayOf({ namespaces: [] })).toMatchObject(policyOf({ from: 'Same' }));
    expect(gatewayOf({ platform: { gateway: 'none' } })).not.toHaveProperty('gateway');
    expect(gatewayOf({ platform: { gateway: 'none' } })).toMatchObject({ providers: { kubernetesGateway: { enabled: false } } });
  });

  it('give the Gateway\'s listener the Secret that its certificate is kept in', () => {
    const { gateway, extraObjects } = valuesOf('traefik', inputOf(specOf('production'))) as { gateway: { listeners: Record<string, { certificateRefs?: object[] }> }; extraObjects: { kind: string; spec: { secretName?: string } }[] };
    const certificate = extraObjects.find(({ kind }) => kind === 'Certificate');
    expect(gateway.listeners['websecure']?.certificateRefs).toEqual([{ name: certificate?.spec.secretName }]);
    expect(gateway.listeners['websecure']?.certificateRefs).not.toEqual([{}]);
  });

  it('have cert-manager look at Gateways where they are defined, for it does not start otherwise', () => {
    expect(valuesOf('cert-manager', inputOf(specOf('production')))).toMatchObject({ config: { gatewayAPI: { enabled: true } } });
    expect(valuesOf('cert-manager', inputOf(specOf('production', { platform: { gateway: 'none' } })))).not.toHaveProperty('config');
    expect(charts.find(({ name }) => name === 'cert-manager')?.after).toContain('gateway-api-crds');
  });

  it('keep backups and logs as long as the spec says', () => {
    const input = inputOf(specOf('production', { compliance: { backupRetentionDays: 10, logRetentionDays: 30 } }));
    expect(valuesOf('velero', input)).toMatchObject({ schedules: { daily: { template: { ttl: '240h0m0s' } } } });
    expect(valuesOf('loki', input)).toMatchObject({ loki: { limits_config: { retention_period: '720h0m0s' } } });
  });

  it('send Trivy, which pulls from inside pods, to the mirrors of the machines', () => {
    const mirrors = { 'docker.io': 'https://registry.example.com:8443/v2/docker/', 'mirror.gcr.io': 'https://gcr.example.com', 'quay.io': 'https://registry.example.com/proxy/quay', 'registry.example.org:5000': 'https://registry.example.com/v2' };
    const trivyOf = (registryMirrors: Record<string, string>): unknown => valuesOf('trivy-operator', inputOf(specOf('production', { machines: { registryMirrors } })))['trivy'];
    expect(trivyOf(mirrors)).toMatchObject({ dbRegistry: 'gcr.example.com', javaDbRegistry: 'gcr.example.com' });
    // No name leads below "/proxy", and no key of a ConfigMap has a colon.
    expect(trivyOf(mirrors)).toHaveProperty('registry.mirror', { 'index.docker.io': 'registry.example.com:8443/docker', 'mirror.gcr.io': 'gcr.example.com' });
    expect(trivyOf({})).toMatchObject({ dbRegistry: 'mirror.gcr.io', registry: { mirror: {} } });
  });

  it.each(['production', 'hardened'] as const)('of Flannel encrypt what pods of %s send each other, and keep closed what nobody watches over', (template) => {
    const values = valuesOf('flannel', inputOf(specOf(template, { platform: { cni: 'flannel' } })));
    expect(values).toMatchObject({ podCidr: '10.244.0.0/16', flannel: { backend: 'wireguard' }, netpol: { enabled: true, args: expect.arrayContaining(['--fail-open=false']) } });
  });

  it('of Amazon\'s network say whose the interfaces are that it makes, and of which machine part they are none', () => {
    const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(valuesOf('aws-vpc-cni', inputOf(specOf('production', { platform: { cni: 'aws-vpc-cni' } }))));
    expect(JSON.parse(env['ADDITIONAL_ENI_TAGS'] ?? '')).toMatchObject({ 'kubernetes.io/cluster/payments-prod': 'owned', 'clusterwright:uid': expect.any(String) as string });
    expect(env['ADDITIONAL_ENI_TAGS']).not.toContain('clusterwright:resource');
    expect(env).toMatchObject({ ENABLE_PREFIX_DELEGATION: 'true', AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true', AWS_ROLE_ARN: expect.stringContaining('pod-network') as string });
  });

  it('have node-exporter serve what the benchmark and the tasks of control planes write', () => {
    expect(valuesOf('kube-prometheus-stack', inputOf(specOf('production')))['prometheus-node-exporter']).toMatchObject({
      extraArgs: expect.arrayContaining(['--collector.textfile.directory=/textfile']),
      extraHostVolumeMounts: [{ hostPath: textfileFolder, type: 'DirectoryOrCreate', mountPath: '/textfile', readOnly: true }],
    });
  });

  it('give each namespace a project of Argo CD that ends at the namespace', () => {
    const spec = specOf('production', { gitops: root, namespaces: [{ name: 'payments', repositories: ['https://git.example.com/payments/app.git', root.repository] }, { name: 'ledger' }] });
    expect(valuesOf('argocd-apps', inputOf(spec))).toMatchObject({
      projects: {
        payments: { sourceRepos: ['https://git.example.com/payments/app.git', root.repository], destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'payments' }] },
        ledger: { sourceRepos: [root.repository], destinations: [{ namespace: 'ledger' }] },
        'clusterwright-root': { sourceRepos: [root.repository], destinations: [{ namespace: 'argocd' }], namespaceResourceWhitelist: [{ kind: 'Application' }, { kind: 'ApplicationSet' }] },
      },
      applications: { 'clusterwright-root': { project: 'clusterwright-root', source: { repoURL: root.repository, path: 'payments-prod', targetRevision: 'main' } } },
    });
    expect(JSON.stringify(valuesOf('argocd-apps', inputOf(spec)))).not.toContain('clusterResourceWhitelist');
  });

  it('bring nothing into a cluster whose spec names nothing', () => {
    expect(valuesOf('argocd-apps', inputOf(specOf('production')))).toMatchObject({ applications: {} });
    expect(chartsOf(specOf('production', { namespaces: [], access: { groups: [] } })).map(({ name }) => name)).not.toContain('argocd-apps');
    expect(chartsOf(specOf('production', { platform: { gitops: 'flux' } })).map(({ name }) => name)).not.toContain('flux2-sync');
  });

  it.each(providers)('let Flux on %s decrypt by an identity where the spec names a key, and have none elsewhere', (provider) => {
    const fluxOf = (sops?: { key: string }) => inputOf(specOf('production', { platform: { gitops: 'flux' }, gitops: { ...root, ...(sops && { sops }) } }, provider));
    const own = fluxOf().infrastructure.addonIdentities['kustomize-controller'];
    const kustomize = (sops?: { key: string }): unknown => valuesOf('flux2', fluxOf(sops))['kustomizeController'];
    expect(kustomize({ key: 'any' })).toMatchObject({ extraEnv: expect.arrayContaining([{ name: { aws: 'AWS_ROLE_ARN', azure: 'AZURE_CLIENT_ID' }[provider], value: own }]) as unknown, volumes: [{ projected: {} }], volumeMounts: [{ readOnly: true }] });
    expect(kustomize()).not.toHaveProperty('extraEnv');
    expect(valuesOf('flux2-sync', fluxOf({ key: 'any' }))).toMatchObject({ kustomization: { spec: { decryption: { provider: 'sops' } } } });
    expect(valuesOf('flux2-sync', fluxOf())).not.toHaveProperty('kustomization.spec.decryption');
    for (const neededIdentities of [awsIdentities, azureIdentities]) {
      expect(neededIdentities(fluxOf({ key: 'any' }).spec)).toContain('kustomize-controller');
      expect(neededIdentities(fluxOf().spec)).not.toContain('kustomize-controller');
    }
  });

  it('keep a team of Argo CD from what the platform sets for its namespace', () => {
    const { projects } = valuesOf('argocd-apps', inputOf(specOf('production'))) as { projects: Record<string, { namespaceResourceBlacklist: { group: string; kind: string }[] }> };
    const kinds = projects['payments']?.namespaceResourceBlacklist.map(({ group, kind }) => `${group}/${kind}`);
    expect(kinds).toEqual(expect.arrayContaining(['/ResourceQuota', '/LimitRange', '*/*NetworkPolicy', 'rbac.authorization.k8s.io/*', 'policies.kyverno.io/*', 'gateway.networking.k8s.io/Gateway']));
  });

  it('ask for monitors only where the Prometheus operator is', () => {
    const input = inputOf(specOf('production', { platform: { monitoring: 'none' } }));
    expect(valuesOf('loki', input)).toMatchObject({ monitoring: { serviceMonitor: { enabled: false } } });
    expect(valuesOf('velero', input)).toMatchObject({ metrics: { serviceMonitor: { enabled: false } } });
  });
});

describe('values without workload identity', () => {
  const withoutIdentity = (spec: ClusterSpec): PlatformInput => ({ ...inputOf(spec), infrastructure: { ...inputOf(spec).infrastructure, addonIdentities: {} } });

  it('leave the cloud controller the control plane\'s own identity', () => {
    const values = valuesOf('aws-cloud-controller-manager', withoutIdentity(specOf('production', { network: { workloadIdentity: false } })));
    expect(values).toMatchObject({ hostNetworking: true, extraVolumes: [], extraVolumeMounts: [] });
    expect(JSON.stringify(values)).not.toContain('AWS_ROLE_ARN');
  });

  it('leave Azure\'s cloud controller the control plane\'s own identity', () => {
    const bare = withoutIdentity(specOf('production', { network: { workloadIdentity: false } }, 'azure'));
    expect(valuesOf('cloud-provider-azure', bare)).toMatchObject({ cloudControllerManager: { federatedTokenPath: '' } });
    expect(azureCloudConfig('cloud-provider-azure', bare)).toMatchObject({ useManagedIdentityExtension: true });
  });

  it.each([['aws', 'aws-ebs-csi-driver'], ['aws', 'loki'], ['aws', 'velero'], ['aws', 'external-secrets'], ['azure', 'azuredisk-csi-driver'], ['azure', 'loki'], ['azure', 'velero'], ['azure', 'external-secrets'], ['aws', 'cluster-autoscaler'], ['azure', 'cluster-autoscaler'], ['aws', 'external-dns'], ['azure', 'external-dns'], ['aws', 'flux2'], ['azure', 'flux2']] as const)('refuse on %s %s, which has no other way to rights in the cloud', (provider, name) => {
    expect(() => valuesOf(name, withoutIdentity(specOf('production', { network: { workloadIdentity: false }, gitops: { ...root, sops: { key: 'any' } } }, provider)))).toThrow(expect.objectContaining({ code: 'invalid-spec', faults: [expect.objectContaining({ pointer: '/network/workloadIdentity' })] }));
  });
});
