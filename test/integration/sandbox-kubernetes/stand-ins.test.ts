import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeKubeconfig } from '../../../sandbox/kubernetes/provider/kubeconfig.js';
import { standIns } from '../../../sandbox/kubernetes/provider/stand-ins/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { until } from '../../support/until.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../../../sandbox/kubernetes/provider/stand-ins/', import.meta.url));

/** A node that there is only in the API, and its network, which is real. Needs root on Linux. */
interface TestNode {
  readonly name: string;
  readonly address: string;
  readonly holder: ChildProcess;
}

let cluster: RealCluster;
let folder: string;
let nodes: [TestNode, TestNode];

async function startNode(name: string, address: string): Promise<TestNode> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep infinity'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  await cluster.client.call('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { providerID: `aws:///eu-west-1b/${name}`, taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] } });
  await cluster.client.call('PATCH', `/api/v1/nodes/${name}/status`, { status: { addresses: [{ type: 'InternalIP', address }, { type: 'Hostname', address: name }] } }, 'application/merge-patch+json');
  await mkdir(path.join(folder, name));
  return { name, address, holder };
}

/** Runs a program in a node's network. */
const inside = ({ holder }: TestNode, program: string, ...args: string[]): Promise<{ stdout: string }> => run('nsenter', [`--net=/proc/${holder.pid ?? 0}/ns/net`, program, ...args]);

/** How a script is run on a node, with the real kubectl and the rights of its stand-in. */
const scripted = (node: TestNode, script: 'network-agent.sh' | 'cloud-controller.sh', ...args: string[]): string[] => [
  `--net=/proc/${node.holder.pid ?? 0}/ns/net`, 'env', `ACCOUNT=${script === 'network-agent.sh' ? 'cilium' : 'aws-cloud-controller-manager'}-stand-in`,
  `PATH=${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, `NODE_NAME=${node.name}`, 'NAMESPACE=default', 'POD_NETWORK=10.42.0.0/16', `CNI_FOLDER=${path.join(folder, node.name)}`, 'sh', path.join(scripts, script), ...args,
];
/** One look of a script. */
const look = (node: TestNode, script: 'network-agent.sh' | 'cloud-controller.sh'): Promise<{ stdout: string }> => run('nsenter', scripted(node, script, 'once'));

const nodeOf = async (name: string): Promise<{ metadata: { labels?: Record<string, string> }; spec: { podCIDR?: string; taints?: { key: string }[] } }> =>
  await cluster.client.call('GET', `/api/v1/nodes/${name}`) as Awaited<ReturnType<typeof nodeOf>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stand-ins-'));
  cluster = await startRealCluster();
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, writeKubeconfig(cluster.client.access), { mode: 0o600 });
  await mkdir(path.join(folder, 'bin'));
  // The API server is in the test's network.
  await writeFile(path.join(folder, 'bin', 'kubectl'), `#!/bin/sh\nHOME=${folder} exec nsenter --net=/proc/${process.pid}/ns/net ${kubernetesProgram('1.35', 'kubectl')} --kubeconfig ${kubeconfig} --as "system:serviceaccount:default:$ACCOUNT" "$@"\n`);
  await chmod(path.join(folder, 'bin', 'kubectl'), 0o755);

  nodes = [await startNode('node-1', '10.20.0.16'), await startNode('node-2', '10.20.0.17')];
  await run('ip', ['link', 'add', 'eth0', 'netns', String(nodes[0].holder.pid), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(nodes[1].holder.pid)]);
  for (const node of nodes) {
    await inside(node, 'ip', 'address', 'add', `${node.address}/24`, 'dev', 'eth0');
    await inside(node, 'ip', 'link', 'set', 'eth0', 'up');
  }
}, 240_000);
afterAll(async () => {
  for (const { holder } of nodes) holder.kill('SIGKILL');
  await cluster.stop();
  await rm(folder, { recursive: true });
});

const replaced = (name: string) => ({ name, namespace: 'default', version: '1.19.6', values: { ipam: { operator: { clusterPoolIPv4PodCIDRList: ['10.42.0.0/16'] } } }, endpoint: { host: 'api.test.clusterwright.internal', port: '6443' }, kubernetes: 'v1.35.4' });
const install = async (name: string): Promise<void> => {
  for (const object of standIns.get(name)?.objects(replaced(name)) ?? []) await cluster.client.apply(object, 'test', true);
};

describe('the stand-in for Cilium', () => {
  it('is made of objects that a real API server takes', async () => {
    await install('cilium');
    const { spec } = await cluster.client.get({ apiVersion: 'apps/v1', kind: 'DaemonSet' }, 'default', 'cilium-stand-in') as unknown as { spec: { template: { spec: { hostNetwork: boolean; containers: { image: string }[] } } } };
    expect(spec.template.spec.hostNetwork).toBe(true);
    expect(spec.template.spec.containers.map(({ image }) => image)).toEqual(['sandbox.clusterwright.io/network:1', 'registry.k8s.io/kube-proxy:v1.35.4']);
  });

  it('gives each node a network of its own, though both ask at once', async () => {
    const untilDone = async (node: TestNode): Promise<void> => {
      for (let tries = 1; !(await look(node, 'network-agent.sh').then(() => true, (error: unknown) => (tries < 5 ? false : Promise.reject(error instanceof Error ? error : new Error(String(error)))))); tries += 1);
    };
    await Promise.all(nodes.map(untilDone));

    const networks = await Promise.all(nodes.map(async ({ name }) => (await nodeOf(name)).spec.podCIDR));
    expect([...networks].sort()).toEqual(['10.42.0.0/24', '10.42.1.0/24']);
    for (const [index, { name }] of nodes.entries()) {
      expect(await readdir(path.join(folder, name))).toEqual(['10-sandbox.conflist']);
      expect((await run('cat', [path.join(folder, name, '10-sandbox.conflist')])).stdout).toContain(`"subnet":"${networks[index] ?? ''}"`);
    }
  }, 120_000);

  it('leads from the pods of one node to those of the other, and hides them outside', async () => {
    for (const node of nodes) {
      await look(node, 'network-agent.sh');
      const network = (await nodeOf(node.name)).spec.podCIDR ?? '';
      await inside(node, 'ip', 'link', 'add', 'sandbox-pods', 'type', 'bridge');
      await inside(node, 'ip', 'address', 'add', network.replace('.0/24', '.1/24'), 'dev', 'sandbox-pods');
      await inside(node, 'ip', 'link', 'set', 'sandbox-pods', 'up');
    }
    const [near, far] = await Promise.all(nodes.map(async ({ name }) => ((await nodeOf(name)).spec.podCIDR ?? '').replace('.0/24', '.1')));
    const server = spawn('nsenter', [`--net=/proc/${nodes[1].holder.pid ?? 0}/ns/net`, process.execPath, '-e', `require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(8080, '${far ?? ''}', () => console.log('ready'))`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout, 'data');
    const { stdout } = await inside(nodes[0], process.execPath, '-e', `require('node:net').connect({ port: 8080, host: '${far ?? ''}', localAddress: '${near ?? ''}' }).setTimeout(20000, () => process.exit(1)).pipe(process.stdout)`);
    server.kill('SIGKILL');

    expect(stdout.replace('::ffff:', '')).toBe(near);
    expect((await inside(nodes[0], 'nft', 'list', 'table', 'ip', 'sandbox-network')).stdout).toContain('ip saddr 10.42.0.0/16 ip daddr != 10.42.0.0/16 masquerade');
  }, 120_000);

  it('follows the nodes: forgets one that is gone, whose network is free again, and finds a new one', async () => {
    const follower = spawn('nsenter', scripted(nodes[0], 'network-agent.sh'), { stdio: 'ignore', detached: true });
    const routes = async (): Promise<string> => (await inside(nodes[0], 'ip', 'route', 'show', 'dev', 'sandbox-vxlan')).stdout;
    const gone = (await nodeOf('node-2')).spec.podCIDR ?? '';
    expect(await routes()).toContain(gone);
    await cluster.client.call('DELETE', '/api/v1/nodes/node-2');
    await until(async () => (await routes()) === '', 60_000);
    // The route goes first.
    await until(async () => !(await inside(nodes[0], 'bridge', 'fdb', 'show', 'dev', 'sandbox-vxlan')).stdout.includes('dst 10.20.0.17'), 60_000);

    nodes[1].holder.kill('SIGKILL');
    nodes[1] = await startNode('node-3', '10.20.0.18');
    await look(nodes[1], 'network-agent.sh');
    expect((await nodeOf('node-3')).spec.podCIDR).toBe(gone);
    await until(async () => (await routes()).includes(gone), 60_000);
    if (follower.pid !== undefined) process.kill(-follower.pid, 'SIGKILL');
  }, 120_000);
});

describe('the stand-in for a cloud controller', () => {
  it('lets a new node be used, says where it is, and has it try pods again that came too early', async () => {
    await install('aws-cloud-controller-manager');
    const early = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'early', namespace: 'default', labels: { 'clusterwright.io/stand-in': 'cilium' } } };
    await cluster.client.apply({ ...early, spec: { nodeName: 'node-1', automountServiceAccountToken: false, containers: [{ name: 'agent', image: 'agent:1' }] } }, 'test', true);
    const follower = spawn('nsenter', scripted(nodes[0], 'cloud-controller.sh'), { stdio: 'ignore', detached: true });
    await until(async () => !((await nodeOf('node-1')).spec.taints ?? []).some(({ key }) => key === 'node.cloudprovider.kubernetes.io/uninitialized'), 50_000);
    await until(async () => (await cluster.client.get(early, 'default', 'early')).metadata.annotations?.['clusterwright.io/initialised'] === 'true', 50_000);
    if (follower.pid !== undefined) process.kill(-follower.pid, 'SIGKILL');

    const { metadata } = await nodeOf('node-1');
    expect(metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': 'eu-west-1b', 'topology.kubernetes.io/region': 'eu-west-1' });
    await look(nodes[0], 'cloud-controller.sh');
  }, 120_000);

  it('has scripts that pass shellcheck', async () => {
    const files = (await readdir(scripts)).filter((name) => name.endsWith('.sh')).map((name) => path.join(scripts, name));
    expect(files.length).toBe(2);
    await run('shellcheck', files);
  }, 60_000);
});
