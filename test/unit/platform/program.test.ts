import * as pulumi from '@pulumi/pulumi';
import { beforeAll, describe, expect, it } from 'vitest';
import { addonNamespacesOf } from '../../../programs/platform/charts.js';
import { installedAddons, platform } from '../../../programs/platform/index.js';
import { inputOf, specOf } from './clusters.js';
import { declared, holdPolicies, namesOf, objects, run, takeResources, type Declared } from './declared.js';

let production: Awaited<ReturnType<typeof run>>;

beforeAll(async () => {
  await takeResources();
  production = await run(specOf('production'));
});

describe('platform program', () => {
  it('declares namespaces, fences, access and releases of a production cluster', async () => {
    const { resources, outputs } = production;

    expect(namesOf(resources, 'kubernetes:core/v1:Namespace')).toEqual([
      'argo-rollouts', 'argocd', 'cert-manager', 'cnpg-system', 'external-secrets', 'kube-bench', 'kyverno', 'ledger', 'log-shipper', 'logging', 'monitoring', 'payments', 'tracing', 'traefik', 'trivy-system', 'velero',
    ]);
    expect(namesOf(resources, 'kubernetes:core/v1:ResourceQuota')).toEqual(['ledger/quota', 'payments/quota']);
    expect(namesOf(resources, 'kubernetes:core/v1:LimitRange')).toEqual(['ledger/container-defaults', 'payments/container-defaults']);
    const addons = addonNamespacesOf(specOf('production'));
    const policies = namesOf(resources, 'kubernetes:networking.k8s.io/v1:NetworkPolicy');
    expect(policies.filter((policy) => !addons.some((namespace) => policy.startsWith(`${namespace}/`)))).toEqual(['ledger', 'payments'].flatMap((namespace) =>
      ['allow-database-operator', 'allow-dns', 'allow-ingress', 'allow-monitoring', 'allow-same-namespace', 'allow-traces', 'default-deny'].map((policy) => `${namespace}/${policy}`)));
    expect(policies).toEqual(expect.arrayContaining(addons.map((namespace) => `${namespace}/default-deny`)));
    expect(namesOf(resources, 'kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy')).toEqual([...addons.filter((namespace) => namespace !== 'kube-bench').map((namespace) => `allow-${namespace}-nodes`), 'allow-databases-api'].sort());
    expect(namesOf(resources, 'kubernetes:apps/v1:DaemonSet')).toEqual(['kube-bench/kube-bench-control-plane', 'kube-bench/kube-bench-worker']);
    expect(namesOf(resources, 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole')).toEqual(['clusterwright:admin', 'clusterwright:developer', 'clusterwright:operator', 'clusterwright:viewer']);
    expect(namesOf(resources, 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding')).toEqual([
      'clusterwright:admin:11111111-aaaa-4aaa-8aaa-000000000001', 'clusterwright:operator:11111111-aaaa-4aaa-8aaa-000000000002',
    ]);
    expect(namesOf(resources, 'kubernetes:rbac.authorization.k8s.io/v1:RoleBinding')).toEqual([
      'ledger/clusterwright:developer:11111111-aaaa-4aaa-8aaa-000000000003', 'payments/clusterwright:developer:11111111-aaaa-4aaa-8aaa-000000000003',
      'payments/clusterwright:viewer:11111111-aaaa-4aaa-8aaa-000000000004',
    ]);
    expect(objects(resources, 'kubernetes:helm.sh/v3:Release').map(({ name, namespace }) => `${String(namespace)}/${String(name)}`).sort()).toEqual([
      'argo-rollouts/argo-rollouts', 'argocd/argo-cd', 'argocd/argocd-apps', 'cert-manager/cert-manager', 'cnpg-system/cloudnative-pg', 'external-secrets/external-secrets', 'external-secrets/external-secrets-stores',
      'kube-system/aws-cloud-controller-manager', 'kube-system/aws-ebs-csi-driver', 'kube-system/cilium', 'kube-system/cluster-autoscaler', 'kube-system/metrics-server', 'kube-system/snapshot-controller',
      'kyverno/kyverno', 'kyverno/kyverno-policies', 'log-shipper/alloy', 'logging/loki', 'monitoring/kube-prometheus-stack', 'monitoring/prometheus-operator-crds', 'tracing/opentelemetry-collector', 'tracing/tempo', 'traefik/gateway-api-crds', 'traefik/traefik', 'trivy-system/trivy-operator', 'velero/velero',
    ]);
    expect(outputs).toEqual({ addons: installedAddons(specOf('production')) });
  });

  it('declares the same on azure, with what its controllers and claims need besides', async () => {
    const { resources, outputs } = await run(specOf('production', {}, 'azure'));

    const kinds = new Set(production.resources.map(({ type }) => type));
    expect(namesOf(resources, 'kubernetes:core/v1:Secret')).toEqual(['kube-system/azure-cloud-provider', 'kube-system/azure-cloud-provider-disk']);
    expect(objects(resources, 'kubernetes:storage.k8s.io/v1:StorageClass')).toEqual([expect.objectContaining({
      provisioner: 'disk.csi.azure.com',
      metadata: expect.objectContaining({ name: 'premium-ssd', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }) as unknown,
      parameters: expect.objectContaining({ skuName: 'Premium_LRS', diskEncryptionSetID: expect.stringContaining('/diskEncryptionSets/') as string, tags: expect.stringContaining('clusterwright:uid=abc123def456') as string }) as unknown,
    })]);
    expect(objects(resources, 'kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass')).toEqual([expect.objectContaining({
      driver: 'disk.csi.azure.com', deletionPolicy: 'Delete', parameters: { incremental: 'true', tags: expect.stringContaining('clusterwright:uid=abc123def456') as string },
      metadata: expect.objectContaining({ name: 'azure-disk', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' }, labels: expect.objectContaining({ 'velero.io/csi-volumesnapshot-class': 'true' }) as unknown }) as unknown,
    })]);
    expect(resources.filter(({ type }) => !kinds.has(type)).map(({ type }) => type)).toEqual(
      ['kubernetes:core/v1:Secret', 'kubernetes:core/v1:Secret', 'kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass', 'kubernetes:storage.k8s.io/v1:StorageClass'],
    );
    expect(objects(resources, 'kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy')).toContainEqual(expect.objectContaining({
      metadata: expect.objectContaining({ name: 'deny-instance-metadata' }) as unknown,
      spec: {
        endpointSelector: {},
        enableDefaultDeny: { ingress: false, egress: false },
        egressDeny: [{ toCIDR: ['169.254.169.254/32'] }, { toCIDR: ['168.63.129.16/32'], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }, { port: '32526', protocol: 'TCP' }] }] }],
      },
    }));
    expect(objects(resources, 'kubernetes:helm.sh/v3:Release').map(({ name }) => String(name)).sort()).toEqual(
      [
        'alloy', 'argo-cd', 'argo-rollouts', 'argocd-apps', 'azuredisk-csi-driver', 'cert-manager', 'cilium', 'cloud-provider-azure', 'cloudnative-pg', 'cluster-autoscaler', 'external-secrets', 'external-secrets-stores', 'gateway-api-crds', 'kube-prometheus-stack', 'kyverno', 'kyverno-policies', 'loki',
        'metrics-server', 'opentelemetry-collector', 'prometheus-operator-crds', 'snapshot-controller', 'tempo', 'traefik', 'trivy-operator', 'velero',
      ],
    );
    expect(outputs).toEqual({ addons: installedAddons(specOf('production', {}, 'azure')) });
  });

  it('waits for every release to be ready, or takes it back, but for one whose secret may come later', async () => {
    const { resources } = await run(specOf('production', { platform: { scanning: 'snyk', hostedMonitoring: 'datadog' } }));
    const releases = objects(resources, 'kubernetes:helm.sh/v3:Release');
    expect(releases.filter(({ atomic, skipAwait }) => atomic !== true || skipAwait !== false).map(({ name }) => name).sort()).toEqual(['datadog', 'snyk-monitor']);
    expect(releases.find(({ name }) => name === 'snyk-monitor')).toMatchObject({ atomic: false, skipAwait: true });
  });

  it('installs what makes nodes Ready at once, and all else when they have joined', async () => {
    declared.length = 0;
    let joined: () => void = () => undefined;
    await platform(inputOf(specOf('production')), new Promise((resolve) => (joined = resolve)))();
    const installed = (): string[] => declared.filter(({ type }) => type === 'kubernetes:helm.sh/v3:Release').map(({ inputs }) => String(inputs['name']));

    await expect.poll(() => installed().sort()).toEqual(['aws-cloud-controller-manager', 'cilium', 'prometheus-operator-crds']);
    joined();
    await expect.poll(installed).toHaveLength(25);
    await pulumi.runtime.disconnect();
  });

  it('opens the way to the API server before it closes an add-on\'s namespace, and installs the add-on in a closed one', async () => {
    declared.length = 0;
    let open: () => void = () => undefined;
    holdPolicies(new Promise((resolve) => (open = resolve)));
    await platform(inputOf(specOf('production')))();
    const closed = (): string[] => declared.map(({ name }) => name).filter((name) => /^policy-(argocd|velero)-default-deny$|^release-(argo-cd|velero)$/.test(name));

    await expect.poll(() => declared.map(({ name }) => name), { timeout: 10_000 }).toEqual(expect.arrayContaining(['policy-argocd-nodes', 'policy-velero-nodes', 'release-metrics-server']));
    expect(closed()).toEqual([]);
    open();
    await expect.poll(closed, { timeout: 10_000 }).toHaveLength(4);
    expect(closed().indexOf('policy-argocd-default-deny')).toBeLessThan(closed().indexOf('release-argo-cd'));
    await pulumi.runtime.disconnect();
  });

  it('binds groups only, by prefix and object id', async () => {
    const { resources } = production;

    const bindings = resources.filter(({ type }) => type.endsWith('RoleBinding'));
    expect(bindings).toHaveLength(5);
    for (const { inputs } of bindings) {
      expect(inputs['subjects']).toEqual([{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: expect.stringMatching(/^entra:[0-9a-f-]{36}$/) as string }]);
    }
  });

  it('enforces Pod Security at the level of the spec, pinned to the minor', async () => {
    const { resources } = production;

    const labels = new Map(resources.filter(({ type }) => type === 'kubernetes:core/v1:Namespace').map(({ inputs }) => {
      const metadata = inputs['metadata'] as { name: string; labels: Record<string, string> };
      return [metadata.name, metadata.labels];
    }));
    expect(labels.get('payments')).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'v1.35' });
    expect(labels.get('ledger')).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' });
    expect(labels.get('monitoring')).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged', 'pod-security.kubernetes.io/audit': 'privileged' });
  });

  it('installs each release whole or not at all', async () => {
    const { resources } = production;

    for (const release of objects(resources, 'kubernetes:helm.sh/v3:Release')) expect(release).toMatchObject({ atomic: true, cleanupOnFail: true, skipAwait: false });
  });

  it('lets drains take one replica of cluster DNS at a time, in every cluster', async () => {
    const development = await run(specOf('development'));
    for (const { resources } of [production, development]) {
      expect(objects(resources, 'kubernetes:policy/v1:PodDisruptionBudget')).toEqual([expect.objectContaining({
        metadata: expect.objectContaining({ name: 'coredns', namespace: 'kube-system' }) as unknown, spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: { 'k8s-app': 'kube-dns' } } },
      })]);
    }
  });

  it('declares the same for other bounds of a pool', async () => {
    const spec = specOf('production');
    const { resources } = await run(specOf('production', { nodePools: spec.nodePools.map((pool) => ({ ...pool, maxNodes: 77 })) }));

    expect(resources).toEqual(production.resources);
  });

  it('touches one binding, and who may sign in to Grafana and Argo CD, when one group is added', async () => {
    const spec = specOf('production');
    const key = ({ type, name, inputs }: Declared) => `${type} ${name} ${JSON.stringify(inputs)}`;
    const before = new Set(production.resources.map(key));
    const { resources } = await run(specOf('production', { access: { groups: [...spec.access.groups, { id: '22222222-aaaa-4aaa-8aaa-000000000005', role: 'admin' }] } }));

    expect(resources.filter((resource) => !before.has(key(resource))).map(({ name }) => name).sort()).toEqual(['binding-admin-22222222-aaaa-4aaa-8aaa-000000000005', 'release-argo-cd', 'release-kube-prometheus-stack']);
  });

  it('binds a pipeline to its role in its namespace and tells the control planes of it, and touches nothing else', async () => {
    const key = ({ type, name, inputs }: Declared) => `${type} ${name} ${JSON.stringify(inputs)}`;
    const before = new Set(production.resources.map(key));
    const pipeline = { name: 'shop', issuer: 'https://gitlab.example.com', audience: 'clusterwright', claims: [{ claim: 'project_path', value: 'acme/shop' }] };
    const { resources } = await run(specOf('production', { access: { pipelines: [{ ...pipeline, namespace: 'payments', role: 'developer' }] } }));

    const added = resources.filter((resource) => !before.has(key(resource)));
    expect(added.map(({ name }) => name)).toEqual(['pipelines', 'namespace-clusterwright-access', 'binding-developer-payments-pipeline-shop']);
    const [configMap, , binding] = added;
    expect(binding?.inputs).toMatchObject({
      metadata: { name: 'clusterwright:developer:pipeline:shop', namespace: 'payments' }, roleRef: { name: 'clusterwright:developer' }, subjects: [{ kind: 'Group', name: 'pipeline:shop' }],
    });
    expect(configMap?.inputs).toMatchObject({ metadata: { name: 'pipelines', namespace: 'clusterwright-access' }, data: { 'pipelines.json': JSON.stringify([pipeline]) } });
  });
});
