import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../bin/catalogue.js';
import type { Accounts } from '../../../model/accounts.js';
import { isClusterwrightError, type Fault } from '../../../model/errors.js';
import { mergePatch, type Json } from '../../../model/merge-patch.js';
import { resolvePatch, resolveRequest } from '../../../model/resolve.js';
import { vpcCniFits } from '../../../model/vpc-cni.js';
import { fullRequest, shortRequest } from '../../support/portal.js';

const accounts: Accounts = {
  default: { aws: { provider: 'aws', accountId: '123456789012', reach: { type: 'peering', vpcId: 'vpc-1', cidr: '10.0.0.0/16', routeTableIds: ['rtb-1'] } } },
};
const context = { catalogue: await loadCatalogue(), accounts };
const request = (change: Json = {}): Json => mergePatch(fullRequest('payments-prod') as Json, change);

/** The faults that a call throws, by pointer. */
function faultsOf(call: () => unknown): Record<string, string> {
  try {
    call();
  } catch (error) {
    if (isClusterwrightError(error) && error.faults) return Object.fromEntries(error.faults.map((fault: Fault) => [fault.pointer, fault.detail]));
    throw error;
  }
  return {};
}
const faultsOfRequest = (change: Json): Record<string, string> => faultsOf(() => resolveRequest(request(change), context));

describe('resolving a request', () => {
  it('takes the documented example as it is', () => {
    expect(resolveRequest(request(), context)).toMatchObject(fullRequest('payments-prod'));
  });

  it.each([...context.catalogue.keys()])('needs only name, provider and access with the template "%s"', (template) => {
    const spec = resolveRequest(shortRequest('small', template) as Json, context);
    expect(spec).toMatchObject({ name: 'small', template, provider: 'aws' });
    expect(spec.nodePools.length).toBeGreaterThan(0);
  });

  it('merges the template under the request: objects merge, arrays are replaced whole, items get their defaults', () => {
    const spec = resolveRequest({ ...shortRequest('small', 'production'), controlPlane: { etcdDiskGiB: 128 }, nodePools: [{ name: 'one', machineType: 'm7i.large' }] }, context);
    expect(spec.controlPlane).toEqual({ replicas: 3, machineType: 'm7i.large', etcdDiskGiB: 128 });
    expect(spec.nodePools).toEqual([{ name: 'one', machineType: 'm7i.large', minNodes: 1, maxNodes: 3, diskGiB: 100, labels: {}, taints: [] }]);
  });

  it('writes ids of Entra as tokens have them, whatever the portal\'s case', () => {
    const ids = { tenantId: 'AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE', clientId: 'ABCDEF00-0000-4000-8000-000000000001' };
    const spec = resolveRequest(request({ access: { entra: ids, groups: [{ id: 'FFFFFFFF-0000-4000-8000-00000000000A', role: 'admin' }] } }), context);
    expect(spec.access).toMatchObject({ entra: { tenantId: ids.tenantId.toLowerCase(), clientId: ids.clientId.toLowerCase() }, groups: [{ id: 'ffffffff-0000-4000-8000-00000000000a' }] });
  });

  it('takes zones of Azure from one resource group and the account\'s subscription, of one kind', () => {
    const [subscriptionId, tenantId] = ['5ab5c0de-0000-4000-8000-000000000001', '7e4a4700-0000-4000-8000-000000000001'];
    const onAzure = { ...context, accounts: { default: { azure: { provider: 'azure', subscriptionId, tenantId, workerCidrs: [], endpoints: {}, reach: { type: 'public' } } } } as Accounts };
    const zone = (name: string, { subscription = subscriptionId, group = 'names', type = 'dnsZones' } = {}): string => `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/${type}/${name}`;
    const faults = (zones: string[]) => faultsOf(() => resolveRequest({ ...shortRequest('small', 'production'), provider: 'azure', platform: { dns: 'external-dns' }, dns: { zones } }, onAzure));
    expect(faults([zone('example.com'), zone('example.org')])).toEqual({});
    expect(faults([zone('example.com', { type: 'privateDnsZones' })])).toEqual({});
    expect(faults([zone('example.com'), zone('example.org', { group: 'others' }), zone('example.net', { type: 'privateDnsZones' })])).toEqual({
      '/dns/zones/1': expect.stringContaining('resource group') as string, '/dns/zones/2': expect.stringContaining('public or private') as string,
    });
    expect(faults([zone('example.com', { subscription: '5ab5c0de-0000-4000-8000-000000000002' })])).toEqual({ '/dns/zones/0': expect.stringContaining('subscription') as string });
    expect(Object.keys(faults(['Z0123456789ABCDEFGHIJ']))).toEqual(['/dns/zones/0']);
  });

  it('takes Amazon\'s network up to the last machine that has addresses, and not on Azure', () => {
    const withNodes = (maxNodes: number) => ({ platform: { cni: 'aws-vpc-cni' }, network: { cidr: '10.20.0.0/20' }, nodePools: [{ name: 'wide', machineType: 'm7i.large', minNodes: 1, maxNodes, diskGiB: 50, labels: {}, taints: [] }] });
    expect(resolveRequest(mergePatch(request(), withNodes(9)), context).platform.cni).toBe('aws-vpc-cni');
    expect(faultsOfRequest(withNodes(10))).toEqual({ '/network/cidr': expect.stringMatching(/pods of 4 machines in each zone .* may come to 5 there/) as string });
    expect(vpcCniFits({ provider: 'azure', platform: { ...resolveRequest(request(), context).platform, cni: 'aws-vpc-cni' } }).map(({ pointer }) => pointer)).toEqual(['/platform/cni']);
  });

  it('reports every fault at once, each with its pointer', () => {
    expect(Object.keys(faultsOfRequest({
      name: 'Payments', region: 'mars-north-1', surplus: 1, network: { podCidr: '10.20.128.0/17', apiServer: { open: true } },
      controlPlane: { replicas: 2 }, nodePools: [{ name: 'a', machineType: 'm7i.large', minNodes: 5, maxNodes: 2 }, { name: 'a', machineType: 'Standard_D4s_v5' }],
      access: { groups: [{ id: 'nobody', role: 'admin' }] },
    })).sort()).toEqual([
      '/access/groups/0/id', '/controlPlane/replicas', '/name', '/network/apiServer/open', '/nodePools/0/maxNodes', '/nodePools/1/machineType', '/nodePools/1/name', '/region', '/surplus',
    ]);
  });

  const vault = { kind: 'vault', server: 'https://vault.example.com', mount: 'kv', role: 'payments-prod' };
  const signed = { by: 'key', images: 'registry.example.com', key: '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n' };
  const cases: readonly (readonly [string, Json, string])[] = [
    ['networks that overlap', { network: { podCidr: '10.20.128.0/17' } }, '/network/podCidr'],
    ['a service network within the pod network', { network: { serviceCidr: '10.244.0.0/18' } }, '/network/serviceCidr'],
    ['a network whose address is not its first', { network: { cidr: '10.20.1.0/16' } }, '/network/cidr'],
    ['a network that is too small for three zones', { network: { cidr: '10.20.0.0/24' } }, '/network/cidr'],
    ['a network that overlaps with the worker\'s', { network: { cidr: '10.0.0.0/16' } }, '/network/cidr'],
    ['an even number of control planes', { controlPlane: { replicas: 4 } }, '/controlPlane/replicas'],
    ['a single control plane in production', { controlPlane: { replicas: 1 } }, '/controlPlane/replicas'],
    ['a machine type of another cloud', { controlPlane: { machineType: 'Standard_D4s_v5' } }, '/controlPlane/machineType'],
    ['a machine type that is not in the catalogue', { controlPlane: { machineType: 'q9z.large' } }, '/controlPlane/machineType'],
    ['a role in namespaces without any', { access: { groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'viewer' }] } }, '/access/groups/0/namespaces'],
    ['a role of the whole cluster with namespaces', { access: { groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'admin', namespaces: ['payments'] }] } }, '/access/groups/0/namespaces'],
    ['a namespace that the spec does not have', { access: { groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'viewer', namespaces: ['other'] }] } }, '/access/groups/0/namespaces/0'],
    ['a namespace of the platform', { namespaces: [{ name: 'payments' }, { name: 'kube-system' }] }, '/namespaces/1/name'],
    ['a name that is too long', { name: 'a'.repeat(25) }, '/name'],
    ['an account that is not in the file', { account: 'unknown' }, '/account'],
    ['a template that is not in the catalogue', { template: 'unknown' }, '/template'],
    ['a provider that is not available', { provider: 'gcp' }, '/provider'],
    ['a public API server for nobody', { network: { apiServer: { public: true } } }, '/network/apiServer/allowedCidrs'],
    ['users instead of groups', { access: { users: ['someone'] } }, '/access/users'],
    ['a receiver whom nobody tells', { platform: { monitoring: 'none' }, alerting: { receivers: [{ kind: 'webhook', name: 'on-call', secret: 'on-call' }] } }, '/alerting/receivers'],
    ['a receiver whose secret nobody brings', { platform: { secrets: 'none' }, alerting: { receivers: [{ kind: 'webhook', name: 'on-call', secret: 'on-call' }] } }, '/alerting/receivers'],
    ['a mail server by the port that the clouds keep closed', { alerting: { receivers: [{ kind: 'email', name: 'mail', secret: 'mail', to: ['team@example.com'], from: 'alerts@example.com', username: 'alerts', smarthost: { host: 'smtp.example.com', port: 25 } }] } }, '/alerting/receivers/0/smarthost/port'],
    ['a receiver\'s name given twice', { alerting: { receivers: [{ kind: 'webhook', name: 'on-call', secret: 'a' }, { kind: 'pagerduty', name: 'on-call', secret: 'b' }] } }, '/alerting/receivers/1/name'],
    ['zones that nobody writes into', { dns: { zones: ['Z0123456789ABCDEFGHIJ'] } }, '/dns/zones'],
    ['names for no zone', { platform: { dns: 'external-dns' } }, '/dns/zones'],
    ['a zone by its domain', { platform: { dns: 'external-dns' }, dns: { zones: ['example.com'] } }, '/dns/zones/0'],
    ['a zone of another cloud', { platform: { dns: 'external-dns' }, dns: { zones: ['/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/names/providers/Microsoft.Network/dnsZones/example.com'] } }, '/dns/zones/0'],
    ['a zone twice', { platform: { dns: 'external-dns' }, dns: { zones: ['Z0123456789ABCDEFGHIJ', 'Z0123456789ABCDEFGHIJ'] } }, '/dns/zones/1'],
    ['a Gateway that nobody answers', { platform: { ingress: 'none' } }, '/platform/gateway'],
    ['a Gateway whose certificate nobody issues', { platform: { certificates: 'none' } }, '/platform/gateway'],
    ['a webhook whose certificate nobody issues', { platform: { podSizing: 'vertical-pod-autoscaler', gateway: 'none', certificates: 'none' } }, '/platform/podSizing'],
    ['Rancher\'s backups of no namespace', { platform: { backup: 'rancher-backup' }, namespaces: [], access: { groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'admin' }] } }, '/platform/backup'],
    ['logs whose certificates nobody issues', { platform: { logging: 'opensearch', gateway: 'none', certificates: 'none' } }, '/platform/logging'],
    ['a refusal that nobody applies', { platform: { policy: 'none' }, policies: { mode: 'enforce' } }, '/policies/mode'],
    ['registries that nobody looks at', { platform: { policy: 'none' }, policies: { trustedRegistries: ['registry.example.com'] } }, '/policies/trustedRegistries'],
    ['a store that nobody reads', { platform: { secrets: 'none' }, secretStore: vault }, '/secretStore'],
    ['a Vault at a port that machines do not reach', { secretStore: { ...vault, server: 'https://vault.example.com:8200' } }, '/secretStore/server'],
    ['a Vault without TLS', { secretStore: { ...vault, server: 'http://vault.example.com' } }, '/secretStore/server'],
    ['a mount of Vault that leads elsewhere', { secretStore: { ...vault, mount: 'kv/../other' } }, '/secretStore/mount'],
    ['a token for Vault', { secretStore: { ...vault, token: 'word' } }, '/secretStore/token'],
    ['signatures that nobody looks at', { platform: { policy: 'none' }, policies: { signedImages: [signed] } }, '/policies/signedImages'],
    ['signatures that Gatekeeper does not look at', { platform: { policy: 'gatekeeper' }, policies: { signedImages: [signed] } }, '/policies/signedImages'],
    ['signatures of Docker Hub', { policies: { signedImages: [{ ...signed, images: 'docker.io/library' }] } }, '/policies/signedImages/0/images'],
    ['signatures by two for the same images', { policies: { signedImages: [signed, { by: 'identity', images: 'registry.example.com', issuer: 'https://issuer.example.com', subject: 'me' }] } }, '/policies/signedImages/1/images'],
    ['a private key', { policies: { signedImages: [{ ...signed, key: '-----BEGIN PRIVATE KEY-----\nMFkw\n-----END PRIVATE KEY-----\n' }] } }, '/policies/signedImages/0/key'],
    ['a registry\'s secret that nobody brings', { platform: { secrets: 'none' }, policies: { signedImages: [{ ...signed, registrySecret: 'registry' }] } }, '/policies/signedImages/0/registrySecret'],
    ['a registry with a scheme', { platform: { policy: 'kyverno' }, policies: { trustedRegistries: ['https://registry.example.com'] } }, '/policies/trustedRegistries/0'],
    ['something to bring that nobody brings', { platform: { gitops: 'none' }, gitops: { repository: 'https://git.example.com/a.git' } }, '/gitops'],
    ['a Secret for Argo CD by its name', { gitops: { repository: 'https://git.example.com/a.git', secret: 'git' } }, '/gitops/secret'],
    ['a key for Argo CD, which decrypts nothing', { gitops: { repository: 'https://git.example.com/a.git', sops: { key: 'arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-0b0a-4090-8080-070605040302' } } }, '/gitops/sops'],
    ['an alias in place of a key', { platform: { gitops: 'flux' }, gitops: { repository: 'https://git.example.com/a.git', sops: { key: 'arn:aws:kms:eu-west-1:123456789012:alias/sops' } } }, '/gitops/sops/key'],
    ['a key of another cloud', { platform: { gitops: 'flux' }, gitops: { repository: 'https://git.example.com/a.git', sops: { key: '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/owners/providers/Microsoft.KeyVault/vaults/owners/keys/sops' } } }, '/gitops/sops/key'],
    ['a password in a repository', { gitops: { repository: 'https://me:word@git.example.com/a.git' } }, '/gitops/repository'],
    ['a folder outside of the repository', { gitops: { repository: 'https://git.example.com/a.git', path: '../b' } }, '/gitops/path'],
    ['a namespace\'s repositories without Argo CD', { platform: { gitops: 'flux' }, namespaces: [{ name: 'payments', repositories: ['https://git.example.com/a.git'] }] }, '/namespaces/0/repositories'],
    ['a storage class of the platform', { storage: { classes: [{ kind: 'nfs', name: 'gp3', server: '192.0.2.4' }] } }, '/storage/classes/0/name'],
    ['a storage class given twice', { storage: { classes: [{ kind: 'nfs', name: 'shared', server: '192.0.2.4' }, { kind: 'nfs', name: 'shared', server: '192.0.2.5' }] } }, '/storage/classes/1/name'],
    ['a server by its name alone', { storage: { classes: [{ kind: 'nfs', name: 'shared', server: 'nfs.example.com' }] } }, '/storage/classes/0/addresses'],
    ['another version of NFS, with its other ports', { storage: { classes: [{ kind: 'nfs', name: 'shared', server: '192.0.2.4', mountOptions: ['nfsvers=3'] }] } }, '/storage/classes/0/mountOptions/0'],
    ['a path that is not absolute', { storage: { classes: [{ kind: 'nfs', name: 'shared', server: '192.0.2.4', path: 'export' }] } }, '/storage/classes/0/path'],
    ['volumes that no machine can attach', { storage: { volumes: [{ kind: 'iscsi', name: 'a', portal: '192.0.2.4', iqn: 'iqn.2024-01.com.example:disks', lun: 0, capacityGiB: 10 }] } }, '/storage/volumes'],
    ['two volumes on one unit', { machines: { iscsi: true }, storage: { volumes: ['a', 'b'].map((name) => ({ kind: 'iscsi', name, portal: '192.0.2.4', iqn: 'iqn.2024-01.com.example:disks', lun: 0, capacityGiB: 10 })) } }, '/storage/volumes/1/lun'],
    ['a volume\'s name given twice', { machines: { iscsi: true }, storage: { volumes: [0, 1].map((lun) => ({ kind: 'iscsi', name: 'a', portal: '192.0.2.4', iqn: 'iqn.2024-01.com.example:disks', lun, capacityGiB: 10 })) } }, '/storage/volumes/1/name'],
    ['databases that no namespace lets run', { platform: { databases: 'zalando-postgres' }, namespaces: [{ name: 'payments' }] }, '/platform/databases'],
    ['a scanner whose token nobody brings', { platform: { scanning: 'snyk', secrets: 'none' } }, '/platform/scanning'],
    ['an address of a scanner that is not there', { snyk: { api: 'https://api.eu.snyk.io/v2/kubernetes-upstream' } }, '/snyk'],
    ['a key of Datadog that nobody brings', { platform: { hostedMonitoring: 'datadog', secrets: 'none' } }, '/platform/hostedMonitoring'],
    ['a site of Datadog for nobody who sends there', { datadog: { site: 'datadoghq.eu' } }, '/datadog'],
    ['a key of Datadog', { platform: { hostedMonitoring: 'datadog' }, datadog: { apiKey: 'word' } }, '/datadog/apiKey'],
    ['a mesh over a network that does not let it', { platform: { mesh: 'istio-ambient', cni: 'calico' } }, '/platform/mesh'],
    ['a mesh over Flannel', { platform: { mesh: 'istio-ambient', cni: 'flannel' } }, '/platform/mesh'],
    ['a mesh over Amazon\'s network', { platform: { mesh: 'istio-ambient', cni: 'aws-vpc-cni' } }, '/platform/mesh'],
    ['Amazon\'s network on machines that encrypt nothing', { platform: { cni: 'aws-vpc-cni' }, controlPlane: { machineType: 't3.large' } }, '/controlPlane/machineType'],
    ['Amazon\'s network on machines with too few interfaces', { platform: { cni: 'aws-vpc-cni' }, nodePools: [{ name: 'small', machineType: 'm7a.medium', minNodes: 1, maxNodes: 3, diskGiB: 50, labels: {}, taints: [] }] }, '/nodePools/0/machineType'],
    ['Amazon\'s network with more machines than there are addresses for pods', { platform: { cni: 'aws-vpc-cni' }, network: { cidr: '10.20.0.0/20' }, nodePools: [{ name: 'wide', machineType: 'm7i.large', minNodes: 1, maxNodes: 10, diskGiB: 50, labels: {}, taints: [] }] }, '/network/cidr'],
    ['a namespace of a mesh that is not there', { namespaces: [{ name: 'payments', mesh: true }] }, '/namespaces/0/mesh'],
    ['no workload identity', { network: { workloadIdentity: false } }, '/network/workloadIdentity'],
    ['a version that is not known', { kubernetesVersion: '1.20' }, '/kubernetesVersion'],
    ['a name of another type', { name: 7 }, '/name'],
    ['pools of another type', { nodePools: 'many' }, '/nodePools'],
  ];
  it.each(cases)('refuses %s', (_what, change, pointer) => {
    expect(Object.keys(faultsOfRequest(change))).toEqual([pointer]);
  });

  it.each([[null], [[]], ['text'], [7]])('refuses a body that is no object: %j', (body) => {
    expect(faultsOf(() => resolveRequest(body, context))).toEqual({ '': 'must be a JSON object' });
  });

  it('names what is missing without a template', () => {
    expect(Object.keys(faultsOf(() => resolveRequest({ name: 'bare', provider: 'aws' }, context)))).toEqual(expect.arrayContaining(['/region', '/network', '/controlPlane', '/nodePools', '/access', '/kubernetesVersion']));
  });
});

describe('resolving a patch', () => {
  const spec = resolveRequest(request(), context);

  it('gives the same spec for the same values', () => {
    expect(resolvePatch(spec, { nodePools: fullRequest('payments-prod')['nodePools'] as Json, owner: 'payments' }, context)).toEqual(spec);
  });

  it('leaves a pool and a namespace what is not said of them, and gives a new one the defaults', () => {
    const pools = [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 2, maxNodes: 4, diskGiB: 200, labels: { tier: 'front' }, taints: [] }, { name: 'batch', machineType: 'm7i.large', minNodes: 1, maxNodes: 2, diskGiB: 100, labels: { tier: 'back' }, taints: [] }];
    const before = resolvePatch(spec, { nodePools: pools, namespaces: [{ name: 'payments', quota: { cpu: '40', memory: '64Gi' }, podSecurity: 'restricted' }], access: { groups: [] } }, context);

    const after = resolvePatch(before, { nodePools: [{ name: 'general', maxNodes: 9 }, { name: 'new', machineType: 'm7i.large' }], namespaces: [{ name: 'payments', quota: { cpu: '80' } }] }, context);

    expect(after.nodePools).toEqual([{ ...pools[0], maxNodes: 9 }, { name: 'new', machineType: 'm7i.large', minNodes: 1, maxNodes: 3, diskGiB: 100, labels: {}, taints: [] }]);
    expect(after.namespaces).toEqual([{ ...before.namespaces[0], quota: { cpu: '80', memory: '64Gi' } }]);
    expect(resolvePatch(after, { nodePools: [{ name: 'general', diskGiB: null, labels: { tier: null } }] }, context).nodePools).toEqual([{ ...pools[0], maxNodes: 9, diskGiB: 100, labels: {} }]);
    expect(faultsOf(() => resolvePatch(before, { nodePools: [{ name: 'other' }] }, context))).toEqual({ '/nodePools/0/machineType': expect.stringContaining('required') as string });
  });

  it('refuses every field that cannot change, all at once', () => {
    const faults = faultsOf(() => resolvePatch(spec, { name: 'other', region: 'eu-central-1', kubernetesVersion: '1.36', network: { cidr: '10.30.0.0/16' }, controlPlane: { replicas: 5 } }, context));
    expect(Object.keys(faults).sort()).toEqual(['/controlPlane/replicas', '/kubernetesVersion', '/name', '/network/cidr', '/region']);
    expect(faults['/kubernetesVersion']).toContain('upgrade');
  });

  it('lets the API server\'s exposure, pools, access and add-ons change', () => {
    const next = resolvePatch(spec, { network: { apiServer: { public: true, allowedCidrs: ['192.0.2.0/24'] } }, platform: { logging: 'none' }, access: { groups: [] } }, context);
    expect(next.network.apiServer.public).toBe(true);
    expect(next.platform.logging).toBe('none');
    expect(next.network.cidr).toBe(spec.network.cidr);
  });

  it('does not take a prototype for a field', () => {
    expect(Object.keys(faultsOf(() => resolvePatch(spec, JSON.parse('{"__proto__": {"polluted": true}}') as Json, context)))).toEqual(['/__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});
