import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { upgradeAnnotations } from '../../../model/in-place.js';
import { inspectionSchema } from '../../../model/orders.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

const uid = 'upgrades';
let world: World;
let node: TestNode;
let worker: TestNode;
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  node = await world.node(uid, { index: 1 });
  worker = await world.node(uid, { role: 'worker', pool: 'general', index: null });
  for (const one of [node, worker]) {
    expect((await one.run('bootstrap.sh')).code).toBe(0);
    // What it does to packages and files is tried with the other scripts of the host.
    await one.write('opt/clusterwright/upgrade.sh', '#!/bin/bash\nif [ "$1" = "${HOST_FAILS-}" ]; then echo "no $1: token abcdef.0123456789abcdef" >&2; exit 1; fi\necho "upgrade $*" >> "$CLUSTERWRIGHT_ROOT/upgrade.calls"\n');
  }
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const one of [node, worker]) for (const file of ['upgrade.calls', 'kubeadm.calls']) await one.write(file, '');
});
const lines = async (of: TestNode, file: string): Promise<string[]> => ((await of.read(file)) ?? '').split('\n').filter((line) => line !== '');

describe('a control plane that is upgraded in place', () => {
  const upgrade = (environment: Readonly<Record<string, string>> = {}) => node.run('orders/upgrade-in-place.sh', ['1.36', '1.36.3'], { CLUSTERWRIGHT_DRAIN_SECONDS: '0', ...environment });
  const inspect = async (): Promise<string[]> => inspectionSchema.parse(JSON.parse((await node.run('orders/inspect.sh')).stdout)).differences.map(({ name }) => name);
  const options = '--patches /etc/kubernetes/patches --skip-phases addon --ignore-preflight-errors CreateJob';
  const isUnderWay = () => node.has('var/lib/clusterwright/upgrading');

  it('has kubeadm first, makes the cluster one of the release where it is the first of it, and the kubelet last', async () => {
    expect((await node.run('orders.sh', ['once'])).code).toBe(0);
    expect(await upgrade()).toMatchObject({ code: 0, stdout: '' });
    expect(await lines(node, 'kubeadm.calls')).toEqual([`upgrade apply v1.36.3 --yes ${options}`]);
    expect(await lines(node, 'upgrade.calls')).toEqual(['upgrade kubeadm 1.36 1.36.3', 'upgrade kubelet']);
    expect(await isUnderWay()).toBe(false);
  });

  it('follows where another has been before', async () => {
    expect(await upgrade({ CLUSTER_RELEASE: '1.36.3' })).toMatchObject({ code: 0 });
    expect(await lines(node, 'kubeadm.calls')).toEqual([`upgrade node ${options}`]);
  });

  it('has its baseline brought along, in which what somebody has changed besides is still told', async () => {
    expect(await node.read('etc/kubernetes/manifests/etcd.yaml')).toContain('# upgraded');
    expect(await inspect()).toEqual([]);
    await node.write('etc/kubernetes/manifests/miner.yaml', 'kind: Pod');
    expect(await upgrade()).toMatchObject({ code: 0 });
    expect(await inspect()).toEqual(['/etc/kubernetes/manifests/miner.yaml']);
  });

  it('is left as it is where etcd misses a member, and where the cluster is of a newer release', async () => {
    for (const [environment, why] of [[{ UNHEALTHY: 'https://10.0.0.3:2379 is unhealthy' }, 'not all members of etcd are well'], [{ CLUSTER_RELEASE: '1.99.0' }, 'there is no way back to 1.36.3']] as const) {
      expect(await upgrade(environment)).toMatchObject({ code: 1, stderr: expect.stringContaining(why) as string });
    }
    expect([await lines(node, 'kubeadm.calls'), await lines(node, 'upgrade.calls')]).toEqual([[], []]);
  });

  it('goes on where it was cut off, and leaves no kubelet behind that is newer than its API server', async () => {
    expect(await upgrade({ UPGRADE_FAILS: 'etcd cluster is not healthy' })).toMatchObject({ code: 1, stderr: expect.stringContaining('etcd cluster is not healthy') as string });
    expect([await lines(node, 'upgrade.calls'), await isUnderWay()]).toEqual([['upgrade kubeadm 1.36 1.36.3'], true]);
    expect(await upgrade({ HOST_FAILS: 'kubelet' })).toMatchObject({ code: 1 });
    expect(await isUnderWay()).toBe(true);

    expect(await upgrade()).toMatchObject({ code: 0 });
    expect(await isUnderWay()).toBe(false);
  });
});

describe('a worker', () => {
  const nodeSchema = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) });
  let place: string;
  const put = (kubeletVersion: string, annotations?: Readonly<Record<string, string>>, cluster = '1.36.3') => Promise.all([
    worker.write(place, JSON.stringify({ metadata: { name: 'x', annotations }, status: { nodeInfo: { kubeletVersion } } })),
    worker.write('api/api/v1/namespaces/kube-system/configmaps/kubeadm-config', JSON.stringify({ data: { ClusterConfiguration: `clusterName: pay\nkubernetesVersion: v${cluster}\nproxy: {}\n` } })),
  ]);
  const told = async () => nodeSchema.parse(JSON.parse((await worker.read(place)) ?? '')).metadata.annotations;
  const look = (environment: Readonly<Record<string, string>> = {}) => worker.run('upgrades.sh', ['once'], environment);
  const { wanted, begun, failed } = upgradeAnnotations;
  beforeAll(async () => {
    place = `api/api/v1/nodes/${(await worker.library('printf %s "$node"')).stdout}`;
  });

  it('looks at its Node from the time when it has joined', async () => {
    expect(await lines(worker, 'systemctl.calls')).toContain('enable --now --no-block clusterwright-upgrades.service');
  });

  it('does nothing as long as nobody wants anything, and where it is there already', async () => {
    for (const [release, annotations] of [['v1.35.4', undefined], ['v1.36.3', { [wanted]: '1.36.3' }]] as const) {
      await put(release, annotations);
      expect((await look()).code).toBe(0);
    }
    expect([await lines(worker, 'upgrade.calls'), await told()]).toEqual([[], { [wanted]: '1.36.3' }]);
  });

  it('goes to the release that is wanted, kubeadm first, and says so before', async () => {
    await put('v1.35.4', { [wanted]: '1.36.3' });
    expect((await look()).code).toBe(0);
    expect([await lines(worker, 'upgrade.calls'), await lines(worker, 'kubeadm.calls')]).toEqual([['upgrade kubeadm 1.36 1.36.3', 'upgrade kubelet'], ['upgrade node']]);
    expect(await told()).toEqual({ [wanted]: '1.36.3', [begun]: '1.36.3' });
  });

  it('goes to no release but that of its cluster', async () => {
    await put('v1.35.4', { [wanted]: '1.36.3' }, '1.35.4');
    expect((await look()).code).toBe(0);
    expect(await told()).toMatchObject({ [failed]: 'the cluster is in 1.35.4, and a worker goes to no other release' });
    expect(await lines(worker, 'upgrade.calls')).toEqual([]);
  });

  it('says what it could not do, without secrets, and tries again when that was read', async () => {
    await put('v1.35.4', { [wanted]: '1.36.3' });
    expect((await look({ HOST_FAILS: 'kubelet' })).code).toBe(0);
    expect(await told()).toEqual({ [wanted]: '1.36.3', [begun]: '1.36.3', [failed]: 'no kubelet: token [token]' });
    await worker.write('upgrade.calls', '');
    expect((await look()).code).toBe(0);
    expect(await lines(worker, 'upgrade.calls')).toEqual([]);

    await put('v1.35.4', { [wanted]: '1.36.3', [begun]: '1.36.3' });
    expect((await look()).code).toBe(0);
    expect(await lines(worker, 'upgrade.calls')).toEqual(['upgrade kubeadm 1.36 1.36.3', 'upgrade kubelet']);
    expect(await told()).toEqual({ [wanted]: '1.36.3', [begun]: '1.36.3' });
  });

  it('waits where the API server does not let it read its Node', async () => {
    await put('v1.35.4', { [wanted]: '1.36.3' });
    await worker.library(`rm "$root/${place}"`);
    expect((await look()).code).not.toBe(0);
    expect(await lines(worker, 'upgrade.calls')).toEqual([]);
  });
});
