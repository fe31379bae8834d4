import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { startCluster, type Reply, type TestCluster } from './cluster.js';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ workloadStart: 5_000, namespaceEnd: 5_000 }); });
afterAll(() => cluster.stop());

const applyType = 'application/apply-patch+yaml';
const apply = (path: string, body: unknown, query = 'fieldManager=test'): Promise<Reply> => cluster.call('PATCH', `${path}?${query}`, body, { type: applyType });
const namespace = (name: string): unknown => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const configMap = (name: string, data: Record<string, string>, metadata: Record<string, unknown> = {}): unknown => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });
const workload = (kind: string, name: string, spec: Record<string, unknown> = {}, pod: Record<string, unknown> = {}): unknown => ({
  apiVersion: 'apps/v1', kind, metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'x:1' }], ...pod } }, ...spec },
});

describe('access to the simulated API server', () => {
  it('answers health checks without a certificate, and nothing else', async () => {
    for (const path of ['/livez', '/readyz', '/healthz']) expect(await cluster.call('GET', path, undefined, { client: null })).toEqual({ status: 200, body: { message: 'ok' } });

    expect(await cluster.call('GET', '/version', undefined, { client: null })).toMatchObject({ status: 401, body: { kind: 'Status', reason: 'Unauthorized' } });
  });

  it('refuses certificates of another authority, of other groups and expired ones', async () => {
    const now = Date.now();
    const stranger = await (await CertificateAuthority.create('other')).issueClient('clusterwright:provisioner', 'clusterwright:provisioners', now, now + 60_000);
    const guest = await cluster.authority.issueClient('guest', 'guests', now, now + 60_000);
    const late = await cluster.authority.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', now, now + 1_000_000);

    expect((await cluster.call('GET', '/api', undefined, { client: stranger })).status).toBe(401);
    expect(await cluster.call('GET', '/api', undefined, { client: guest })).toMatchObject({ status: 403, body: { message: 'User "guest" cannot get path "/api"' } });
    expect((await cluster.call('GET', '/api', undefined, { client: late })).status).toBe(200);
    cluster.advance(2_000_000);
    expect((await cluster.call('GET', '/api', undefined, { client: late })).status).toBe(401);
  });

  it('tells that it is simulated', async () => {
    expect(await cluster.call('GET', '/version')).toMatchObject({ status: 200, body: { gitVersion: 'v1.35.0+simulated' } });
  });
});

describe('objects of the simulated API server', () => {
  it('starts with the namespaces of every cluster', async () => {
    const { body } = await cluster.call('GET', '/api/v1/namespaces');
    expect(body.items?.map((item) => item.metadata.name)).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  });

  it('creates, reads, replaces and deletes, and tells apart who is too late', async () => {
    const created = await cluster.call('POST', '/api/v1/namespaces/default/configmaps', configMap('settings', { a: '1' }));
    expect(created).toMatchObject({ status: 201, body: { metadata: { generation: 1, uid: expect.any(String), creationTimestamp: expect.any(String) } } });
    expect(await cluster.call('POST', '/api/v1/namespaces/default/configmaps', configMap('settings', {}))).toMatchObject({ status: 409, body: { reason: 'AlreadyExists' } });

    const path = '/api/v1/namespaces/default/configmaps/settings';
    const version = created.body.metadata?.['resourceVersion'];
    expect((await cluster.call('PUT', path, configMap('settings', { a: '2' }, { resourceVersion: version }))).status).toBe(200);
    expect(await cluster.call('PUT', path, configMap('settings', { a: '3' }, { resourceVersion: version }))).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
    expect((await cluster.call('PATCH', path, { data: { a: null, b: '4' } }, { type: 'application/merge-patch+json' })).body['data']).toEqual({ b: '4' });
    expect(await cluster.call('DELETE', path)).toMatchObject({ status: 200, body: { status: 'Success' } });
    expect(await cluster.call('GET', path)).toMatchObject({ status: 404, body: { message: 'configmaps "settings" not found' } });
  });

  it('applies, keeps the version when nothing changes and reports conflicts', async () => {
    const path = '/api/v1/namespaces/default/configmaps/applied';
    const first = await apply(path, configMap('applied', { a: '1' }));
    expect(first.status).toBe(201);
    expect((await apply(path, configMap('applied', { a: '1' }))).body.metadata?.['resourceVersion']).toBe(first.body.metadata?.['resourceVersion']);
    expect(await apply(path, configMap('applied', { a: '2' }), 'fieldManager=other')).toMatchObject({ status: 409, body: { message: 'Apply failed with 1 conflict: conflict with "test" using v1: .data.a' } });
    expect((await apply(path, configMap('applied', { a: '2' }), 'fieldManager=other&force=true')).body['data']).toEqual({ a: '2' });
    expect((await apply(path, configMap('applied', { a: '9' }), 'fieldManager=other&dryRun=All')).body['data']).toEqual({ a: '9' });
    expect((await cluster.call('GET', path)).body['data']).toEqual({ a: '2' });
  });

  it('refuses what a real API server refuses', async () => {
    expect(await cluster.call('POST', '/api/v1/namespaces/nowhere/configmaps', configMap('a', {}))).toMatchObject({ status: 404, body: { message: 'namespaces "nowhere" not found' } });
    expect(await cluster.call('POST', '/api/v1/namespaces', namespace('Bad_Name'))).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } } });
    expect((await cluster.call('POST', '/api/v1/namespaces/default/configmaps', namespace('a'))).status).toBe(400);
    expect((await cluster.call('GET', '/apis/nothing.example/v1/things')).status).toBe(404);
    expect((await cluster.call('PATCH', '/api/v1/namespaces/default', {}, { type: 'application/json-patch+json' })).status).toBe(415);
    expect((await cluster.call('GET', '/api/v1/namespaces?watch=true')).status).toBe(405);
  });

  it('refuses another role in a binding', async () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/readers';
    const binding = (role: string): unknown => ({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [{ kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' }],
    });
    expect((await apply(path, binding('view'))).status).toBe(201);
    expect(await apply(path, binding('edit'))).toMatchObject({ status: 422, body: { message: expect.stringContaining('cannot change roleRef') } });
  });

  it('lists by label, by name and page by page', async () => {
    for (const name of ['p1', 'p2', 'p3']) await cluster.call('POST', '/api/v1/namespaces/default/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: { set: 'pages', n: name } }, stringData: { a: 'b' } });
    const names = (reply: Reply): unknown => reply.body.items?.map((item) => item.metadata.name);
    expect(names(await cluster.call('GET', '/api/v1/secrets?labelSelector=set%3Dpages,n%20in%20(p1,p3)'))).toEqual(['p1', 'p3']);
    expect(names(await cluster.call('GET', '/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dp2'))).toEqual(['p2']);
    const page = await cluster.call('GET', '/api/v1/secrets?labelSelector=set&limit=2');
    expect(names(page)).toEqual(['p1', 'p2']);
    expect(names(await cluster.call('GET', `/api/v1/secrets?labelSelector=set&limit=2&continue=${String(page.body.metadata?.['continue'])}`))).toEqual(['p3']);
  });

  it('serves what a definition describes', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' }, versions: [{ name: 'v1', served: true, storage: true, schema: {} }] },
    };
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 1 } };
    expect((await cluster.call('POST', '/apis/example.com/v1/namespaces/default/widgets', widget)).status).toBe(404);
    expect((await cluster.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).body).toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]) } });
    expect((await cluster.call('POST', '/apis/example.com/v1/namespaces/default/widgets', widget)).status).toBe(201);
    expect((await cluster.call('GET', '/apis/example.com/v1')).body).toMatchObject({ resources: [{ kind: 'Widget' }] });
    await cluster.call('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com');
    expect((await cluster.call('GET', '/apis/example.com/v1/namespaces/default/widgets/w')).status).toBe(404);
  });

  it('deletes what an owner owned, and waits for finalizers', async () => {
    const owner = await cluster.call('POST', '/api/v1/namespaces/default/configmaps', configMap('owner', {}, { finalizers: ['example.com/hold'] }));
    await cluster.call('POST', '/api/v1/namespaces/default/configmaps', configMap('owned', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.body.metadata?.['uid'] }] }));
    const path = '/api/v1/namespaces/default/configmaps';
    expect((await cluster.call('DELETE', `${path}/owner`)).body.metadata?.['deletionTimestamp']).toBeDefined();
    expect((await cluster.call('GET', `${path}/owned`)).status).toBe(200);
    await cluster.call('PATCH', `${path}/owner`, { metadata: { finalizers: null } }, { type: 'application/merge-patch+json' });
    expect((await cluster.call('GET', `${path}/owner`)).status).toBe(404);
    expect((await cluster.call('GET', `${path}/owned`)).status).toBe(404);
  });

  it('evicts a pod as far as its disruption budget allows', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const pod = (name: string): unknown => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'x:1' }] } });
    const budget = (name: string, spec: Record<string, unknown>): unknown => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: { selector: { matchLabels: { app: 'web' } }, ...spec } });
    const evict = (name: string, deleteOptions: Record<string, unknown> = {}): Promise<Reply> => cluster.call('POST', `${pods}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, deleteOptions });
    for (const name of ['web-1', 'web-2', 'web-3']) await cluster.call('POST', pods, pod(name));
    await cluster.call('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', budget('web', { minAvailable: '50%' }));

    expect(await evict('web-9')).toMatchObject({ status: 404 });
    expect(await evict('web-1', { preconditions: { uid: 'other' } })).toMatchObject({ status: 409 });
    expect(await evict('web-1')).toMatchObject({ status: 201, body: { status: 'Success' } });
    await cluster.call('PATCH', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/web', { spec: { minAvailable: 2 } }, { type: 'application/merge-patch+json' });
    expect(await evict('web-2')).toMatchObject({ status: 429, body: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } } });
    expect((await cluster.call('GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1')).body.items?.map((item) => item.metadata.name)).toEqual(['web-2', 'web-3']);
    await cluster.call('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', budget('more', { maxUnavailable: 1 }));
    expect(await evict('web-2')).toMatchObject({ status: 500 });
    expect((await cluster.call('GET', `${pods}/web-2/eviction`)).status).toBe(405);
    expect((await cluster.call('POST', '/api/v1/namespaces/default/configmaps/a/eviction', {})).status).toBe(404);
  });

  it('takes its time to end a namespace and lets nothing new in', async () => {
    await cluster.call('POST', '/api/v1/namespaces', namespace('leaving'));
    await cluster.call('POST', '/api/v1/namespaces/leaving/configmaps', configMap('a', {}));
    expect((await cluster.call('DELETE', '/api/v1/namespaces/leaving')).body).toMatchObject({ status: { phase: 'Terminating' } });
    expect(await cluster.call('POST', '/api/v1/namespaces/leaving/configmaps', configMap('b', {}))).toMatchObject({ status: 403, body: { message: expect.stringContaining('being terminated') } });
    cluster.advance(6_000);
    expect((await cluster.call('GET', '/api/v1/namespaces/leaving')).status).toBe(404);
    expect((await cluster.call('GET', '/api/v1/namespaces/leaving/configmaps/a')).status).toBe(404);
    expect(await cluster.call('DELETE', '/api/v1/namespaces/kube-system')).toMatchObject({ status: 403 });
  });
});

describe('workloads of the simulated API server', () => {
  it('become ready with the network and after their start', async () => {
    const get = async (kind: string, name: string): Promise<unknown> => (await cluster.call('GET', `/apis/apps/v1/namespaces/kube-system/${kind}/${name}`)).body['status'];
    for (const [name, role] of [['n1', 'control-plane'], ['n2', 'worker']] as const) {
      const taints = role === 'control-plane' ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : [];
      cluster.api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { role } }, spec: { taints }, status: { conditions: [{ type: 'MemoryPressure', status: 'False' }] } });
    }
    const node = async (): Promise<unknown> => (await cluster.call('GET', '/api/v1/nodes/n2')).body['status'];
    await cluster.call('POST', '/apis/apps/v1/namespaces/kube-system/deployments', workload('Deployment', 'web', { replicas: 2 }));
    cluster.advance(6_000);
    expect(await node()).toMatchObject({ conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'False', reason: 'NetworkPluginNotReady' })]) });
    expect(await get('deployments', 'web')).toMatchObject({ readyReplicas: 0 });

    await cluster.call('POST', '/apis/apps/v1/namespaces/kube-system/daemonsets', workload('DaemonSet', 'cilium', {}, { hostNetwork: true, tolerations: [{ operator: 'Exists' }] }));
    expect(await get('daemonsets', 'cilium')).toMatchObject({ desiredNumberScheduled: 2, numberReady: 0 });
    cluster.advance(6_000);
    expect(await get('daemonsets', 'cilium')).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2 });
    expect(await node()).toMatchObject({ conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]) });
    expect(await get('deployments', 'web')).toMatchObject({ readyReplicas: 2, observedGeneration: 1 });

    await cluster.call('POST', '/apis/apps/v1/namespaces/kube-system/daemonsets', workload('DaemonSet', 'agent'));
    expect(await get('daemonsets', 'agent')).toMatchObject({ desiredNumberScheduled: 1 });
  });

  it('survive a restart with versions that go on growing', async () => {
    const before = await cluster.call('GET', '/apis/apps/v1/namespaces/kube-system/deployments/web');
    const last = Number((await cluster.call('GET', '/api/v1/namespaces')).body.metadata?.['resourceVersion']);
    await cluster.restart();
    expect(await cluster.call('GET', '/apis/apps/v1/namespaces/kube-system/deployments/web')).toEqual(before);
    const created = await cluster.call('POST', '/api/v1/namespaces', namespace('afterwards'));
    expect(Number(created.body.metadata?.['resourceVersion'])).toBeGreaterThan(last);
  });

  it('answers in well under a millisecond of work', async () => {
    const { performance } = await import('node:perf_hooks');
    const { context } = cluster.api;
    const kind = context.kinds.find('', 'v1', 'configmaps');
    if (kind === undefined) throw new Error('no such kind');
    const { applyObject } = await import('../../../sandbox/kubernetes/api-server/writes.js');
    const started = performance.now();
    for (let n = 0; n < 500; n += 1) {
      applyObject(context, { kind, namespace: 'default', name: `many-${n}`, manager: 'test', dryRun: false, subresource: undefined }, configMap(`many-${n}`, { a: String(n), b: 'x' }), false);
    }
    expect((performance.now() - started) / 500).toBeLessThan(1);
  });
});
