import type * as pulumi from '@pulumi/pulumi';
import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { CustomResourceDefinition } from '@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js';
import { Release } from '@pulumi/kubernetes/helm/v3/release.js';
import { Provider } from '@pulumi/kubernetes/provider.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromSecret } from '../../../sandbox/kubernetes/provider/release-record.js';
import { startCluster, type TestCluster } from './cluster.js';
import { changes, startEngine, type TestEngine } from './engine.js';

let cluster: TestCluster;
let engine: TestEngine;
beforeAll(async () => {
  cluster = await startCluster({ workloadStart: 100, namespaceEnd: 100 });
  cluster.api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  engine = await startEngine(cluster);
});
afterAll(async () => {
  await engine.stop();
  await cluster.stop();
});

interface Variables { quota: string; role: string; replicas: number; password: string }

const program = (variables: Variables) => async (): Promise<Record<string, unknown>> => {
  const provider = new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123', enableServerSideApply: true });
  const options = { provider };
  const namespace = new Namespace('payments', { metadata: { name: 'payments', labels: { quota: variables.quota } } }, options);
  const inside: pulumi.Input<string> = namespace.metadata.name;
  new RoleBinding('developers', {
    metadata: { name: 'developers', namespace: inside }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: variables.role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'entra:1' }],
  }, options);
  new Secret('login', { metadata: { name: 'login', namespace: inside }, stringData: { password: variables.password } }, options);
  const definition = new CustomResourceDefinition('widgets', {
    metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  }, options);
  new CustomResource('widget', { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'widget', namespace: inside }, spec: { size: 1 } }, { provider, dependsOn: definition });
  const cilium = new Release('cilium', {
    name: 'cilium', namespace: 'kube-system', chart: 'cilium', version: '1.18.2', repositoryOpts: { repo: 'https://helm.cilium.io' }, values: { operator: { replicas: variables.replicas } },
  }, options);
  const agent = new Release('metrics', { name: 'metrics-server', namespace: inside, chart: 'oci://registry.example.com/charts/metrics-server', version: '3.13.0' }, { provider, dependsOn: cilium });
  return { revision: cilium.status.revision, state: agent.status.status };
};

const first: Variables = { quota: 'small', role: 'edit', replicas: 2, password: 'correct-horse' };

async function run(name: string, action: 'up' | 'preview' | 'refresh' | 'destroy', body: () => Promise<unknown>): Promise<{ changes: string[]; outputs: Record<string, unknown> }> {
  const stack = await engine.stack(name, body as () => Promise<Record<string, unknown>>);
  const events: EngineEvent[] = [];
  const options = { onEvent: (event: EngineEvent): void => void events.push(event), color: 'never' as const };
  if (action === 'refresh') await stack.refresh({ ...options, runProgram: true });
  else if (action === 'destroy') await stack.destroy({ ...options, runProgram: true });
  else if (action === 'preview') await stack.preview(options);
  else {
    const result = await stack.up(options);
    return { changes: changes(events), outputs: Object.fromEntries(Object.entries(result.outputs).map(([key, output]) => [key, output.value as unknown])) };
  }
  return { changes: changes(events), outputs: {} };
}

describe('the emulated kubernetes provider on the real engine', () => {
  it('brings a program up and then sees no change', async () => {
    const up = await run('life', 'up', program(first));
    expect(up.changes).toHaveLength(9);
    expect(up.outputs).toEqual({ revision: 1, state: 'deployed' });

    expect((await run('life', 'preview', program(first))).changes).toEqual([]);
    expect((await run('life', 'up', program(first))).changes).toEqual([]);
    expect(await engine.pluginRuns()).toBe(1);
  });

  it('leaves releases in the cluster as Helm does', async () => {
    const secret = cluster.api.find('v1', 'Secret', 'sh.helm.release.v1.cilium.v1', 'kube-system');
    expect(secret).toMatchObject({ type: 'helm.sh/release.v1', metadata: { labels: { owner: 'helm', name: 'cilium', status: 'deployed', version: '1' } } });
    if (secret === undefined) return;
    expect(fromSecret(secret)).toMatchObject({ chart: { metadata: { name: 'cilium', version: '1.18.2' } }, config: { operator: { replicas: 2 } }, info: { status: 'deployed' } });
    expect(cluster.api.find('apps/v1', 'DaemonSet', 'cilium', 'kube-system')).toMatchObject({ metadata: { labels: { 'app.kubernetes.io/instance': 'cilium', 'app.kubernetes.io/managed-by': 'Helm' } }, status: { numberReady: 1 } });
    expect(cluster.api.find('apps/v1', 'Deployment', 'metrics-server', 'payments')).toMatchObject({ status: { readyReplicas: 1 } });
  });

  it('changes what changed: in place, by replacement and by a new revision', async () => {
    const up = await run('life', 'up', program({ ...first, quota: 'large', role: 'view', replicas: 3 }));
    expect(up.changes.filter((change) => !change.startsWith('read'))).toEqual(expect.arrayContaining([
      'update kubernetes:core/v1:Namespace payments', 'update kubernetes:helm.sh/v3:Release cilium', 'delete-replaced kubernetes:rbac.authorization.k8s.io/v1:RoleBinding developers',
      'create-replacement kubernetes:rbac.authorization.k8s.io/v1:RoleBinding developers',
    ]));
    expect(up.outputs).toMatchObject({ revision: 2 });
    expect(cluster.api.find('v1', 'Secret', 'sh.helm.release.v1.cilium.v1', 'kube-system')).toMatchObject({ metadata: { labels: { status: 'superseded' } } });
    expect(cluster.api.find('rbac.authorization.k8s.io/v1', 'RoleBinding', 'developers', 'payments')).toMatchObject({ roleRef: { name: 'view' } });
  });

  it('keeps a Secret readable in the cluster and nowhere else', async () => {
    expect(cluster.api.find('v1', 'Secret', 'login', 'payments')).toMatchObject({ data: { password: Buffer.from('correct-horse').toString('base64') } });
    const stack = await engine.stack('life', program(first));
    const exported = JSON.stringify((await stack.exportStack()).deployment);
    // exportStack shows secrets in clear; the marks around them show that the state has them encrypted.
    expect(exported).not.toMatch(/"data":\{"password":"Y29/);
  });

  it('sees drift on refresh and puts it right', async () => {
    const variables = { ...first, quota: 'large', role: 'view', replicas: 3 };
    await cluster.call('DELETE', '/apis/rbac.authorization.k8s.io/v1/namespaces/payments/rolebindings/developers');
    await cluster.call('PATCH', '/apis/example.com/v1/namespaces/payments/widgets/widget?fieldManager=pulumi-kubernetes-x', { spec: { size: 7 }, metadata: { labels: { foreign: 'yes' } } }, { type: 'application/merge-patch+json' });

    await run('life', 'refresh', program(variables));
    const preview = await run('life', 'preview', program(variables));
    expect(preview.changes).toEqual(expect.arrayContaining(['create kubernetes:rbac.authorization.k8s.io/v1:RoleBinding developers', 'update kubernetes:example.com/v1:Widget widget']));
    expect(preview.changes).toHaveLength(2);

    // The size belongs to another manager now: the API server's words reach the user.
    await expect(run('life', 'up', program(variables))).rejects.toThrow(/conflict with "pulumi-kubernetes-x" using example\.com\/v1: \.spec\.size/);
    await cluster.call('PATCH', '/apis/example.com/v1/namespaces/payments/widgets/widget?fieldManager=pulumi-kubernetes-x', { spec: { size: 1 } }, { type: 'application/merge-patch+json' });
    expect((await run('life', 'up', program(variables))).changes.filter((change) => change.includes('Widget'))).toEqual(['update kubernetes:example.com/v1:Widget widget']);
    expect(cluster.api.find('rbac.authorization.k8s.io/v1', 'RoleBinding', 'developers', 'payments')).toBeDefined();
  });

  it('destroys everything, and waits for the namespace to be gone', async () => {
    await run('life', 'destroy', program(first));
    expect(cluster.api.find('v1', 'Namespace', 'payments')).toBeUndefined();
    expect(cluster.api.find('apps/v1', 'DaemonSet', 'cilium', 'kube-system')).toBeUndefined();
    expect(cluster.api.find('v1', 'Secret', 'sh.helm.release.v1.cilium.v2', 'kube-system')).toBeUndefined();
  });

  it.each([
    ['names that would be generated', 'a name is required', (provider: Provider) => new ConfigMap('nameless', { data: {} }, { provider })],
    ['versions that are not pinned', 'the version must be exact', (provider: Provider) => new Release('loose', { name: 'loose', chart: 'x', version: '^1.0.0' }, { provider })],
    ['namespaces of what is cluster-wide', 'takes no namespace', (provider: Provider) => new Namespace('inner', { metadata: { name: 'inner', namespace: 'outer' } }, { provider })],
  // On a busy machine the program was once not connected to its engine in time ("14 UNAVAILABLE: No connection established"), and so refused nothing: that is asked again.
  ])('refuses %s', { retry: 1 }, async (_what, words, make) => {
    const body = async (): Promise<void> => void make(new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123' }));
    await expect(run('refused', 'preview', body)).rejects.toThrow(words);
  });

  it('shows the API server\'s words, without the values of a Secret', async () => {
    const failing = async (): Promise<void> => {
      const provider = new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123' });
      new ConfigMap('lost', { metadata: { name: 'lost', namespace: 'nowhere' }, data: {} }, { provider });
    };
    await expect(run('failing', 'up', failing)).rejects.toThrow('namespaces "nowhere" not found');
  });

  it('meets faults that were asked for', async () => {
    engine.faults.add({ kind: 'fail', type: 'kubernetes:core/v1:ConfigMap', cluster: 'test', times: 1, message: 'etcdserver: request timed out' });
    const body = async (): Promise<void> => {
      const provider = new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123' });
      new ConfigMap('struck', { metadata: { name: 'struck' }, data: {} }, { provider });
    };
    await expect(run('struck', 'up', body)).rejects.toThrow('etcdserver: request timed out');
    expect((await run('struck', 'up', body)).changes).toContain('create kubernetes:core/v1:ConfigMap struck');
    await run('struck', 'destroy', body);
  });

  it('previews without a cluster, and says on create that there is none', async () => {
    const nowhere = engine.kubeconfig(cluster).replace(`:${cluster.port}`, ':1');
    const body = async (): Promise<void> => {
      const provider = new Provider('cluster', { kubeconfig: nowhere, clusterIdentifier: 'u124' });
      new ConfigMap('left', { metadata: { name: 'left' }, data: { a: '1' } }, { provider });
    };
    expect((await run('nowhere', 'preview', body)).changes).toContain('create kubernetes:core/v1:ConfigMap left');
    await expect(run('nowhere', 'up', body)).rejects.toThrow('configured Kubernetes cluster is unreachable');
  });

  it('destroys against a cluster that is gone only when told to', async () => {
    const body = (kubeconfig: string, deleteUnreachable: boolean) => async (): Promise<void> => {
      const provider = new Provider('cluster', { kubeconfig, clusterIdentifier: 'u125', deleteUnreachable });
      new ConfigMap('left', { metadata: { name: 'left' }, data: { a: '1' } }, { provider });
    };
    const there = engine.kubeconfig(cluster);
    const nowhere = there.replace(`:${cluster.port}`, ':1');
    await run('unreachable', 'up', body(there, false));
    await expect(run('unreachable', 'destroy', body(nowhere, false))).rejects.toThrow(/unreachable[\s\S]*deleteUnreachable/);
    expect((await run('unreachable', 'destroy', body(nowhere, true))).changes).toContain('delete kubernetes:core/v1:ConfigMap left');
  });
});
