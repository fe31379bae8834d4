import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSpec } from '../../../model/spec.js';
import { chartsOf } from '../../../programs/platform/charts.js';
import { installedAddons, platform } from '../../../programs/platform/index.js';
import { inputOf, specOf } from '../../unit/platform/clusters.js';
import { startCluster, type TestCluster } from '../sandbox-kubernetes/cluster.js';
import { changes, startEngine, type TestEngine } from '../sandbox-kubernetes/engine.js';

let cluster: TestCluster;
let engine: TestEngine;

beforeAll(async () => {
  cluster = await startCluster({ workloadStart: 50, namespaceEnd: 0 });
  for (const index of [1, 2, 3]) {
    cluster.api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: `worker-${index}` } });
    cluster.api.apply({
      apiVersion: 'v1', kind: 'Node', metadata: { name: `control-plane-${index}`, labels: { 'node-role.kubernetes.io/control-plane': '' } },
      spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
    });
  }
  engine = await startEngine(cluster);
});

afterAll(async () => {
  await engine.stop();
  await cluster.stop();
});

interface Run {
  /** What the engine changed, sorted, without the record of the cluster and the stack itself. */
  readonly changed: string[];
  readonly addons: unknown;
  /** `start NAME` and `end NAME` of releases, in the order in which they happened. */
  readonly releases: string[];
}

/** Changes of network policies by their names, and the others. */
function apart(changed: readonly string[]): { policies: string[]; others: string[] } {
  const isPolicy = (change: string): boolean => change.includes(' policy-');
  return { policies: changed.filter(isPolicy).map((change) => change.replace(/ \S+ /, ' ')), others: changed.filter((change) => !isPolicy(change)) };
}

/** Runs the platform program of a spec. */
async function up(spec: ClusterSpec): Promise<Run> {
  const stack = await engine.stack('payments-prod-platform', platform({ ...inputOf(spec), kubeconfig: engine.kubeconfig(cluster) }));
  const events: EngineEvent[] = [];
  const result = await stack.up({ onEvent: (event) => void events.push(event), color: 'never' });
  const releases = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
    const metadata = resourcePreEvent?.metadata ?? resOutputsEvent?.metadata;
    return metadata?.type === 'kubernetes:helm.sh/v3:Release' ? [`${resourcePreEvent ? 'start' : 'end'} ${metadata.urn.split('::').at(-1) ?? ''}`] : [];
  });
  const changed = changes(events).filter((change) => !/ (pulumi:pulumi:Stack|\S*pulumi:index:Stash) /.test(change)).map((change) => change.replace(/ \S*\$(?=\S+ \S+$)/, ' '));
  return { changed: changed.sort(), addons: result.outputs['addons']?.value, releases };
}

describe('platform on the real engine', () => {
  it('comes up on a cluster without a network, release after release', async () => {
    const spec = specOf('production');
    const { changed, addons, releases } = await up(spec);

    expect(changed.filter((change) => change.includes(':Release '))).toHaveLength(chartsOf(spec).length);
    expect(addons).toEqual(installedAddons(spec));
    for (const { name, after } of chartsOf(spec)) {
      for (const earlier of after) expect(releases.indexOf(`end release-${earlier}`), `${earlier} before ${name}`).toBeLessThan(releases.indexOf(`start release-${name}`));
    }
    expect(cluster.api.find('apps/v1', 'DaemonSet', 'cilium', 'kube-system')).toMatchObject({ status: { numberReady: 6 } });
    expect(cluster.api.find('rbac.authorization.k8s.io/v1', 'RoleBinding', 'clusterwright:viewer:11111111-aaaa-4aaa-8aaa-000000000004', 'payments')).toMatchObject({
      subjects: [{ kind: 'Group', name: 'entra:11111111-aaaa-4aaa-8aaa-000000000004' }],
    });
  });

  it('changes nothing when nothing changed, nor for other bounds of a pool', async () => {
    const spec = specOf('production');

    expect((await up(spec)).changed).toEqual([]);
    expect((await up(specOf('production', { nodePools: spec.nodePools.map((pool) => ({ ...pool, maxNodes: 50 })) }))).changed).toEqual([]);
  });

  it('touches only what a changed spec changes', async () => {
    const spec = specOf('production');
    const { changed } = await up(specOf('production', {
      access: { groups: [...spec.access.groups, { id: '22222222-aaaa-4aaa-8aaa-000000000005', role: 'operator' }] },
      namespaces: spec.namespaces.map((namespace) => (namespace.name === 'payments' ? { ...namespace, quota: { cpu: '40', memory: '64Gi' } } : namespace)),
      compliance: { backupRetentionDays: 60 },
    }));

    expect(changed).toEqual([
      'create kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding binding-operator-22222222-aaaa-4aaa-8aaa-000000000005',
      'update kubernetes:core/v1:ResourceQuota quota-payments',
      'update kubernetes:helm.sh/v3:Release release-argo-cd',
      'update kubernetes:helm.sh/v3:Release release-kube-prometheus-stack',
      'update kubernetes:helm.sh/v3:Release release-velero',
    ]);
  });

  it('takes an add-on away with its namespace, and brings it back, and touches nothing else', async () => {
    const spec = specOf('production');
    await up(spec);
    const parts = ['kubernetes:core/v1:Namespace namespace-cert-manager', 'kubernetes:helm.sh/v3:Release release-cert-manager'];
    // Its alerts go with it, which are among Prometheus' values.
    const alerts = 'update kubernetes:helm.sh/v3:Release release-kube-prometheus-stack';

    const off = await up(specOf('production', { platform: { certificates: 'none' } }));
    // The fence goes with its namespace, and so does the gap in Traefik's that was for it alone.
    const fence = ['policy-cert-manager-allow-called', 'policy-cert-manager-allow-dns', 'policy-cert-manager-allow-monitoring', 'policy-cert-manager-allow-outside', 'policy-cert-manager-allow-same-namespace',
      'policy-cert-manager-default-deny', 'policy-cert-manager-nodes', 'policy-traefik-allow-callers'];
    expect(apart(off.changed).others).toEqual([...parts.map((part) => `delete ${part}`), alerts]);
    expect(apart(off.changed).policies.sort()).toEqual(fence.map((policy) => `delete ${policy}`));
    expect(JSON.stringify(off.addons)).not.toContain('cert-manager');
    expect(cluster.api.find('v1', 'Namespace', 'cert-manager')).toBeUndefined();

    const on = await up(spec);
    expect(apart(on.changed).others).toEqual([...parts.map((part) => `create ${part}`), alerts]);
    expect(apart(on.changed).policies.sort()).toEqual(fence.map((policy) => `create ${policy}`));
    expect(on.addons).toEqual(installedAddons(spec));
  });

  it('takes one choice for another', async () => {
    const other = specOf('production', { platform: { gitops: 'flux' } });
    const { changed } = await up(other);
    const [before, after] = [specOf('production'), other].map((spec) => chartsOf(spec).map(({ name }) => name)) as [string[], string[]];

    expect(apart(changed).policies.filter((change) => !/^(create policy-flux-system|delete policy-argocd)-/.test(change))).toEqual([]);
    expect(apart(changed).others).toEqual([
      'create kubernetes:core/v1:Namespace namespace-flux-system', ...after.filter((name) => !before.includes(name)).map((name) => `create kubernetes:helm.sh/v3:Release release-${name}`),
      'delete kubernetes:core/v1:Namespace namespace-argocd', ...before.filter((name) => !after.includes(name)).map((name) => `delete kubernetes:helm.sh/v3:Release release-${name}`),
      // The alerts of one go, those of the other come.
      'update kubernetes:helm.sh/v3:Release release-kube-prometheus-stack',
    ]);
    await up(specOf('production'));
  });

  it('runs Rancher\'s backup operator when its definitions are there, and asks it for backups', async () => {
    const { addons } = await up(specOf('production', { platform: { backup: 'rancher-backup' } }));

    expect(addons).toContainEqual({ name: 'rancher-backup', chart: 'rancher-backup-crd', version: '110.0.2+up11.0.3', namespace: 'rancher-backup' });
    expect(cluster.api.find('apps/v1', 'Deployment', 'rancher-backup', 'rancher-backup')).toMatchObject({ status: { readyReplicas: 1 } });
    for (const schedule of ['daily', 'hourly']) expect(cluster.api.find('resources.cattle.io/v1', 'Backup', schedule)).toMatchObject({ spec: { resourceSetName: 'applications' } });
    await up(specOf('production'));
    expect(cluster.api.find('apps/v1', 'Deployment', 'rancher-backup', 'rancher-backup')).toBeUndefined();
  });

  it('takes charts from a mirror, which changes the releases and nothing else', async () => {
    const spec = specOf('production');
    const { changed } = await up(specOf('production', { mirrors: { charts: 'https://charts.example.com/platform' } }));

    expect(changed).toEqual(chartsOf(spec).map(({ name }) => `update kubernetes:helm.sh/v3:Release release-${name}`).sort());
  });
});
