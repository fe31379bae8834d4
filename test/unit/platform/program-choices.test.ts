import { beforeAll, describe, expect, it } from 'vitest';
import { podRanges } from '../../../model/vpc-cni.js';
import { policyAgentRules } from '../../../programs/platform/policy-agent.js';
import { specOf } from './clusters.js';
import { declared, namesOf, objects, run, takeResources } from './declared.js';

let production: Awaited<ReturnType<typeof run>>;

beforeAll(async () => {
  await takeResources();
  production = await run(specOf('production'));
});

describe('choices of the platform program', () => {
  it('declares the storage that the spec lists, and the driver of its classes', async () => {
    const { resources } = await run(specOf('production', { machines: { iscsi: true }, storage: {
      classes: [{ kind: 'nfs', name: 'shared', server: '192.0.2.4', path: '/export', mountOptions: ['hard'] }],
      volumes: [{ kind: 'iscsi', name: 'ledger', portal: '198.51.100.7', iqn: 'iqn.2024-01.com.example:disks', lun: 3, capacityGiB: 200, chapSecret: 'ledger-chap' }],
    } }));

    expect(objects(resources, 'kubernetes:helm.sh/v3:Release')).toContainEqual(expect.objectContaining({ name: 'csi-driver-nfs', namespace: 'kube-system' }));
    expect(objects(resources, 'kubernetes:storage.k8s.io/v1:StorageClass')).toEqual([
      expect.objectContaining({ provisioner: 'kubernetes.io/no-provisioner', reclaimPolicy: 'Retain', metadata: expect.objectContaining({ name: 'iscsi' }) as unknown }),
      expect.objectContaining({
        provisioner: 'nfs.csi.k8s.io', parameters: { server: '192.0.2.4', share: '/export' }, mountOptions: ['nfsvers=4.1', 'hard'], reclaimPolicy: 'Retain', metadata: expect.objectContaining({ name: 'shared' }) as unknown,
      }),
    ]);
    expect(objects(resources, 'kubernetes:core/v1:PersistentVolume')).toEqual([expect.objectContaining({ spec: {
      capacity: { storage: '200Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'iscsi', persistentVolumeReclaimPolicy: 'Retain',
      iscsi: { targetPortal: '198.51.100.7:3260', iqn: 'iqn.2024-01.com.example:disks', lun: 3, fsType: 'ext4', chapAuthSession: true, secretRef: { name: 'ledger-chap', namespace: 'kube-system' } },
    } })]);
    expect(production.resources.filter(({ type }) => /StorageClass|PersistentVolume$/.test(type))).toEqual([]);
  });

  it('binds a grant to its group beside the groups of the spec, with its end on each binding', async () => {
    const grant = { group: '22222222-bbbb-4bbb-8bbb-000000000001', until: '2026-05-04T16:00:00Z', reason: 'Incident 4711', grantedBy: 'ann', grantedAt: '2026-05-04T12:00:00.000Z' };
    const grants = [{ ...grant, id: '01JT0000000000000000000001', role: 'operator' }, { ...grant, id: '01JT0000000000000000000002', role: 'developer', namespaces: ['payments', 'ledger'] }];
    const { resources } = await run(specOf('production', { access: { grants } }));

    const before = new Set(production.resources.map(({ name }) => name));
    const metadata = (id: string, namespace?: string) => ({
      name: `clusterwright:grant:${id}`, ...(namespace === undefined ? {} : { namespace }),
      labels: { 'app.kubernetes.io/managed-by': 'clusterwright', 'clusterwright.io/grant': id }, annotations: { 'clusterwright.io/until': '2026-05-04T16:00:00Z' },
    });
    const binds = (role: string) => ({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `clusterwright:${role}` }, subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: `entra:${grant.group}` }],
    });
    expect(resources.filter(({ name }) => !before.has(name)).map(({ name, inputs }) => ({ name, ...inputs }))).toEqual([
      expect.objectContaining({ name: 'grant-01JT0000000000000000000001', metadata: metadata('01JT0000000000000000000001'), ...binds('operator') }),
      expect.objectContaining({ name: 'grant-01JT0000000000000000000002-ledger', metadata: metadata('01JT0000000000000000000002', 'ledger'), ...binds('developer') }),
      expect.objectContaining({ name: 'grant-01JT0000000000000000000002-payments', metadata: metadata('01JT0000000000000000000002', 'payments'), ...binds('developer') }),
    ]);
  });

  it('lets the databases of whichever operator reach the API server under Cilium', async () => {
    const { resources } = await run(specOf('production', { platform: { databases: 'zalando-postgres' } }));
    expect(objects(resources, 'kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy')).toContainEqual(expect.objectContaining({
      spec: { endpointSelector: { matchLabels: { 'k8s:application': 'spilo' } }, enableDefaultDeny: { ingress: false, egress: false }, egress: [{ toEntities: ['kube-apiserver'] }] },
    }));
  });

  it('declares Gatekeeper\'s templates and constraints where it applies the policies', async () => {
    const { resources } = await run(specOf('production', { platform: { policy: 'gatekeeper' }, policies: { mode: 'enforce' } }));

    expect(namesOf(resources, 'kubernetes:templates.gatekeeper.sh/v1:ConstraintTemplate')).toEqual(['clusterwrightfixedimagetags', 'clusterwrightreadonlyroot', 'clusterwrightrequestsandlimits']);
    expect(objects(resources, 'kubernetes:constraints.gatekeeper.sh/v1beta1:ClusterwrightFixedImageTags')).toEqual([expect.objectContaining({ spec: expect.objectContaining({ enforcementAction: 'deny' }) as unknown })]);
    expect(resources.filter(({ type }) => type.includes('gatekeeper.sh'))).toHaveLength(6);
    expect(production.resources.filter(({ type }) => type.includes('gatekeeper.sh'))).toEqual([]);
  });

  it('declares under Calico what Cilium has kinds of its own for', async () => {
    const { resources } = await run(specOf('production', { platform: { cni: 'calico' } }, 'azure'));

    expect(resources.filter(({ type }) => type.includes('cilium'))).toEqual([]);
    expect(objects(resources, 'kubernetes:crd.projectcalico.org/v1:Tier')).toEqual([expect.objectContaining({ spec: { order: 100, defaultAction: 'Pass' } })]);
    expect(objects(resources, 'kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy')).toEqual([expect.objectContaining({
      metadata: expect.objectContaining({ name: 'clusterwright.deny-instance-metadata' }) as unknown,
      spec: {
        tier: 'clusterwright', order: 0, selector: 'has(projectcalico.org/namespace)', types: ['Egress'],
        egress: [
          { action: 'Deny', destination: { nets: ['169.254.169.254/32'] } },
          { action: 'Deny', protocol: 'TCP', destination: { nets: ['168.63.129.16/32'], ports: [80, 32526] } },
        ],
      },
    })]);
    expect(namesOf(resources, 'kubernetes:networking.k8s.io/v1:NetworkPolicy')).toEqual(expect.arrayContaining(['payments/allow-databases-api', 'argocd/allow-api', 'monitoring/allow-nodes', 'cert-manager/allow-webhooks']));
  });

  it('brings kube-proxy for Flannel, which is there before it, and leaves Azure\'s metadata service to the machines', async () => {
    const { resources } = await run(specOf('production', { platform: { cni: 'flannel' } }, 'azure'));

    expect(resources.filter(({ type }) => /cilium|projectcalico/.test(type))).toEqual([]);
    expect(namesOf(resources, 'kubernetes:apps/v1:DaemonSet')).toEqual(['kube-bench/kube-bench-control-plane', 'kube-bench/kube-bench-worker', 'kube-system/kube-proxy']);
    expect(objects(resources, 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding')).toContainEqual(expect.objectContaining({
      roleRef: expect.objectContaining({ name: 'system:node-proxier' }) as unknown, subjects: [{ kind: 'ServiceAccount', name: 'kube-proxy', namespace: 'kube-system' }],
    }));
    expect(namesOf(resources, 'kubernetes:networking.k8s.io/v1:NetworkPolicy')).toEqual(expect.arrayContaining(['payments/default-deny', 'payments/allow-databases-api', 'argocd/allow-api', 'monitoring/allow-nodes', 'cert-manager/allow-webhooks']));
    expect(namesOf(production.resources, 'kubernetes:apps/v1:DaemonSet')).not.toContain('kube-system/kube-proxy');
  });

  it('brings kube-proxy and what enforces policies for Amazon\'s network, which come before it, and tells its pods from its machines', async () => {
    const { resources } = await run(specOf('production', { platform: { cni: 'aws-vpc-cni' } }));

    expect(namesOf(resources, 'kubernetes:apps/v1:DaemonSet')).toEqual(['kube-bench/kube-bench-control-plane', 'kube-bench/kube-bench-worker', 'kube-system/kube-network-policies', 'kube-system/kube-proxy']);
    expect(objects(resources, 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole')).toContainEqual(expect.objectContaining({ metadata: expect.objectContaining({ name: 'clusterwright:kube-network-policies' }) as unknown, rules: policyAgentRules }));
    const policy = (name: string) => objects(resources, 'kubernetes:networking.k8s.io/v1:NetworkPolicy').find(({ metadata }) => (metadata as { name: string; namespace: string }).name === name);
    expect(policy('allow-api')).toMatchObject({ spec: { egress: [{ to: [{ ipBlock: { cidr: '10.20.0.0/16', except: podRanges('10.20.0.0/16') } }] }] } });
    expect(policy('allow-outside')).toMatchObject({ spec: { egress: [{ to: [{ ipBlock: { except: expect.arrayContaining(podRanges('10.20.0.0/16')) as unknown } }] }] } });
    expect(namesOf(production.resources, 'kubernetes:apps/v1:DaemonSet')).not.toContain('kube-system/kube-network-policies');
  });

  it('saves what is in namespaces by Rancher\'s operator, with rights to change it there and nowhere else', async () => {
    const { resources } = await run(specOf('production', { platform: { backup: 'rancher-backup' } }));

    expect(namesOf(resources, 'kubernetes:apps/v1:Deployment')).toEqual(['rancher-backup/rancher-backup']);
    expect(namesOf(resources, 'kubernetes:resources.cattle.io/v1:Backup')).toEqual(['daily', 'hourly']);
    expect(objects(resources, 'kubernetes:resources.cattle.io/v1:ResourceSet')).toEqual([expect.objectContaining({ metadata: expect.objectContaining({ name: 'applications' }) as unknown, resourceSelectors: expect.any(Array) as unknown })]);
    expect(namesOf(resources, 'kubernetes:monitoring.coreos.com/v1:PodMonitor')).toEqual(['rancher-backup/rancher-backup']);
    expect(objects(resources, 'kubernetes:core/v1:Secret')).toContainEqual(expect.objectContaining({ stringData: expect.objectContaining({ value: { bucketName: 'payments-prod-abc123-backups', region: 'eu-west-1', endpoint: 's3.eu-west-1.amazonaws.com', folder: 'rancher-backup/' } }) as unknown }));
    const bound = (type: string) => objects(resources, type).flatMap(({ metadata, subjects }) => (JSON.stringify(subjects).includes('"rancher-backup"') ? [(metadata as { namespace?: string }).namespace] : []));
    expect(bound('kubernetes:rbac.authorization.k8s.io/v1:RoleBinding').sort()).toEqual(['ledger', 'payments', 'rancher-backup']);
    expect(bound('kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding')).toEqual([undefined]);
    expect(production.resources.filter(({ type }) => type.includes('cattle.io'))).toEqual([]);
  });

  it('gives Falco the configuration that its chart mounts and does not make, before its release', async () => {
    const { resources } = await run(specOf('production', { platform: { runtimeSecurity: 'falco' } }));

    expect(namesOf(resources, 'kubernetes:core/v1:ConfigMap')).toEqual(['falco/falco-falcoctl']);
    expect(namesOf(production.resources, 'kubernetes:core/v1:ConfigMap')).toEqual([]);
  });

  it('gives external-dns the file that it starts with on Azure, before its release, and needs none on AWS', async () => {
    const zone = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/names/providers/Microsoft.Network/dnsZones/example.com';
    const onAzure = await run(specOf('production', { platform: { dns: 'external-dns' }, dns: { zones: [zone] } }, 'azure'));
    expect(objects(onAzure.resources, 'kubernetes:core/v1:ConfigMap')).toEqual([expect.objectContaining({ data: { 'azure.json': '{"cloud":"AzurePublicCloud","useWorkloadIdentityExtension":true}' } })]);
    const onAws = await run(specOf('production', { platform: { dns: 'external-dns' }, dns: { zones: ['Z0123456789ABCDEFGHIJ'] } }));
    expect(namesOf(onAws.resources, 'kubernetes:core/v1:ConfigMap')).toEqual([]);
  });

  it('takes namespaces into the mesh, and lets probes in before Istio\'s parts come', async () => {
    const { resources } = await run(specOf('production', { platform: { mesh: 'istio-ambient' }, namespaces: [{ name: 'payments', mesh: true }, { name: 'ledger', mesh: false }] }));

    const inMesh = objects(resources, 'kubernetes:core/v1:Namespace').flatMap(({ metadata }) => {
      const { name, labels } = metadata as { name: string; labels: Record<string, string> };
      return labels['istio.io/dataplane-mode'] === 'ambient' ? [name] : [];
    });
    expect(inMesh.sort()).toEqual(['monitoring', 'payments', 'traefik']);
    expect(namesOf(resources, 'kubernetes:security.istio.io/v1:PeerAuthentication')).toEqual(['payments/certificates-only', 'payments/databases']);
    expect(namesOf(resources, 'kubernetes:monitoring.coreos.com/v1:PodMonitor')).toEqual(['istio-system/istio']);
    expect(objects(resources, 'kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy')).toContainEqual(expect.objectContaining({
      metadata: expect.objectContaining({ name: 'allow-mesh-probes' }) as unknown,
      spec: { endpointSelector: {}, enableDefaultDeny: { ingress: false, egress: false }, ingress: [{ fromCIDR: ['169.254.7.127/32'] }] },
    }));
    const order = declared.map(({ name }) => name);
    expect(order.indexOf('policy-mesh-probes')).toBeLessThan(order.indexOf('release-istio-base'));
    expect(production.resources.filter(({ type, name }) => type.includes('istio') || name.includes('mesh'))).toEqual([]);
  });
});
