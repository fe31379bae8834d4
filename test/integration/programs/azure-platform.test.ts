import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('platform of azure on the real engine', () => {
  it('comes up with configuration, storage class and fence in their order, and the same again is nothing', async () => {
    const spec = specOf('production', {}, 'azure');
    const stack = await engine.stack('payments-prod-platform', platform({ ...inputOf(spec), kubeconfig: engine.kubeconfig(cluster) }));
    const events: EngineEvent[] = [];
    const { outputs } = await stack.up({ onEvent: (event) => void events.push(event), color: 'never' });

    expect(outputs['addons']?.value).toEqual(installedAddons(spec));
    const order = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
      const urn = resourcePreEvent?.metadata.urn ?? resOutputsEvent?.metadata.urn;
      return urn === undefined ? [] : [`${resourcePreEvent ? 'start' : 'end'} ${urn.split('::').at(-1) ?? ''}`];
    });
    const before = (first: string, second: string) => expect(order.indexOf(`end ${first}`), `${first} before ${second}`).toBeLessThan(order.indexOf(`start ${second}`));
    before('cloud-config-cloud-provider-azure', 'release-cloud-provider-azure');
    before('cloud-config-azuredisk-csi-driver', 'release-azuredisk-csi-driver');
    before('storage-class-default', 'release-kube-prometheus-stack');
    before('release-cilium', 'release-azuredisk-csi-driver');
    before('release-cilium', 'policy-metadata');
    // Neither of the two waits for the other.
    const { resources } = (await stack.exportStack()).deployment as { resources: { urn: string; dependencies?: string[] }[] };
    const neededBy = (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.dependencies?.map((urn) => urn.split('::').at(-1));
    expect(neededBy('release-cilium')).toContain('release-prometheus-operator-crds');
    expect(neededBy('release-cilium')).not.toContain('release-cloud-provider-azure');
    expect(neededBy('release-cloud-provider-azure')).not.toContain('release-cilium');

    expect(cluster.api.objects('storage.k8s.io/storageclasses').map(({ metadata }) => metadata.name)).toEqual(['premium-ssd']);
    expect(cluster.api.objects('cilium.io/ciliumclusterwidenetworkpolicies').map(({ metadata }) => metadata.name).filter((name) => !/^allow-.*-nodes$/.test(name)).sort()).toEqual(['allow-databases-api', 'deny-instance-metadata']);

    const again: EngineEvent[] = [];
    await stack.preview({ onEvent: (event) => void again.push(event), color: 'never' });
    expect(changes(again)).toEqual([]);
  }, 120_000);
});
