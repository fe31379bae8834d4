import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeFactsPath, nodeFactsSchema } from '../../../../model/rendezvous.js';
import { providers, type ClusterSpec, type Provider } from '../../../../model/spec.js';
import { archivedFiles } from '../../../../programs/nodes/archive.js';
import { controlPlaneFacts, workerFacts } from '../../../../programs/nodes/facts.js';
import { compact, nodeFiles } from '../../../../programs/nodes/render.js';
import { filesOf, nodeTemplates } from '../../../../programs/nodes/templates.js';
import { multipart, userData, userDataLimits, userDataParts } from '../../../../programs/nodes/user-data.js';
import { nodeFactsOf } from '../../../../sandbox/kubernetes/nodes/node-facts.js';
import { expectGolden, goldenFiles } from '../../../support/golden.js';
import { specOf } from '../../../support/infrastructure-input.js';
import { archiveOn, factsOf, fileAt, nodeCases, nodeRoles, type NodeCase } from '../../../support/nodes.js';

const templates = nodeTemplates();
const named = ({ template, provider, minor, role }: NodeCase) => `${template} ${provider} ${minor} ${role}`;
const cases = nodeCases.map((given): [string, NodeCase] => [named(given), given]);
/** One minor: the others differ by their numbers only. */
const goldenCases = cases.filter(([, { minor }]) => minor === '1.35');
const goldenFolder = ({ template, provider, role }: NodeCase) => `nodes/${template}/${provider}/${role}`;

/** Files that are not as they lie under templates/nodes/. */
async function renderedOf(given: NodeCase) {
  const facts = await factsOf(given);
  const plain = new Map(filesOf(templates, facts).map((file) => [file.path, compact(file)]));
  return nodeFiles(templates, facts).filter(({ path, content }) => plain.get(path) !== content);
}

describe('files of a node', () => {
  it.each(goldenCases)('of %s are what the golden files show', async (_name, given) => {
    for (const { path, content } of await renderedOf(given)) expectGolden(`${goldenFolder(given)}${path}`, content);
    const list = nodeFiles(templates, await factsOf(given)).map(({ path, mode }) => `${mode} ${path}\n`).join('');
    expectGolden(`${goldenFolder(given)}/files.txt`, list);
  });

  it('have a golden file each and no other', async () => {
    const expected = await Promise.all(goldenCases.map(async ([, given]) => {
      const folder = goldenFolder(given).slice('nodes/'.length);
      return [`${folder}/files.txt`, ...(await renderedOf(given)).map(({ path }) => `${folder}${path}`)];
    }));
    expect(goldenFiles('nodes')).toEqual(expected.flat().sort());
  });

  it.each(cases)('of %s have every placeholder of ours filled', async (_name, given) => {
    for (const { path, content } of nodeFiles(templates, await factsOf(given))) expect(content, path).not.toMatch(/@[a-z][A-Za-z]*@/);
  });

  it('come without what only people read', () => {
    const content = '#!/bin/bash\n# why\nx=1 # kept\n  # why\n\nif x; then\n  cat <<END\n  # text\n\nEND\n  y="#"\nfi\n';
    expect(compact({ path: '/x.sh', content })).toBe('#!/bin/bash\nx=1 # kept\nif x; then\ncat <<END\n  # text\n\nEND\ny="#"\nfi\n');
    expect(compact({ path: '/x.yaml', content: '# why\na:\n  # why\n  b: 1\n\n// c\n' })).toBe('a:\n  b: 1\n\n');
  });

  it('are refused where a template asks for what nodes have not', async () => {
    const [[, given]] = cases as [[string, NodeCase]];
    const asking = { ...templates, folders: { ...templates.folders, files: [{ path: '/etc/x', mode: '0644' as const, content: 'a @password@ b' }] } };
    const facts = await factsOf(given);
    expect(() => nodeFiles(asking, facts)).toThrow('/etc/x asks for "password"');
  });

  it.each(['aws', 'azure'] as const)('on %s leave a worker without anything of a control plane', async (provider) => {
    const paths = nodeFiles(templates, await factsOf({ template: 'production', provider, minor: '1.35', role: 'worker' })).map(({ path }) => path);
    for (const { path } of templates.folders['control-plane']) expect(paths).not.toContain(path);
    expect(paths).toContain('/etc/clusterwright/kubeadm/join-worker.yaml');
  });

  it.each(providers)('on %s have the controller manager divide the pod network for Flannel, and for no other', async (provider) => {
    const given: NodeCase = { template: 'production', provider, minor: '1.35', role: 'control-plane' };
    const { platform, network } = await specOf('production', { provider });
    const podSubnetOf = async (cni: typeof platform.cni) => /podSubnet: .*/.exec(fileAt(nodeFiles(templates, await factsOf(given, { platform: { ...platform, cni } })), '/etc/clusterwright/kubeadm/init.yaml').content)?.[0];
    expect(await podSubnetOf('flannel')).toBe(`podSubnet: "${network.podCidr}"`);
    for (const cni of ['cilium', 'calico'] as const) expect(await podSubnetOf(cni)).toBe('podSubnet: ""');
  });

  it.each(nodeRoles)('under Flannel keep pods away from Azure\'s metadata service, on every %s, before a kubelet starts', async (role) => {
    const { platform } = await specOf('production', { provider: 'azure' });
    const filesUnder = async (provider: Provider, cni: typeof platform.cni) => nodeFiles(templates, await factsOf({ template: 'production', provider, minor: '1.35', role }, { platform: { ...platform, cni } }));
    const fence = '/etc/clusterwright/metadata-fence.nft';
    const files = await filesUnder('azure', 'flannel');
    expect(fileAt(files, fence).content).toMatch(/hook forward.*\n\s+ip daddr 169\.254\.169\.254 counter drop\n\s+ip daddr 168\.63\.129\.16 tcp dport { 80, 32526 } counter drop/);
    expect(fileAt(files, '/etc/systemd/system/kubelet.service.d/30-metadata-fence.conf').content).toContain(`ExecStartPre=/usr/sbin/nft --file ${fence}`);
    // AWS has its hop limit, the others a policy.
    for (const [provider, cni] of [['aws', 'flannel'], ['azure', 'cilium'], ['azure', 'calico']] as const) expect((await filesUnder(provider, cni)).map(({ path }) => path)).not.toContain(fence);
  });

  it.each(nodeRoles)('leave interfaces and routes to Amazon\'s pod network, on every %s, and to no other', async (role) => {
    const { platform } = await specOf('production', { provider: 'aws' });
    const filesUnder = async (cni: typeof platform.cni) => nodeFiles(templates, await factsOf({ template: 'production', provider: 'aws', minor: '1.35', role }, { platform: { ...platform, cni } }));
    const files = await filesUnder('aws-vpc-cni');
    expect(fileAt(files, '/etc/cloud/cloud.cfg.d/99-pod-interfaces.cfg').content).toContain('updates:\n  network:\n    when: []\n');
    expect(fileAt(files, '/etc/systemd/networkd.conf.d/50-pod-network.conf').content).toContain('ManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n');
    expect(fileAt(files, '/etc/systemd/system/kubelet.service.d/30-pod-network.conf').content).toContain('try-restart systemd-networkd.service');
    const own = new Set(templates.folders['aws-aws-vpc-cni'].map(({ path }) => path));
    for (const cni of ['cilium', 'flannel'] as const) expect((await filesUnder(cni)).filter(({ path }) => own.has(path))).toEqual([]);
  });

  it('make mirrors known to containerd', async () => {
    const machines = { sshKeys: [], registryMirrors: { 'docker.io': 'https://registry.example.com/v2/docker', 'registry.k8s.io': 'https://k8s.example.com' } };
    const files = nodeFiles(templates, await factsOf({ template: 'production', provider: 'aws', minor: '1.36', role: 'worker' }, { machines }));
    expect(fileAt(files, '/etc/containerd/certs.d/docker.io/hosts.toml').content).toBe(
      'server = "https://registry-1.docker.io"\n\n[host."https://registry.example.com/v2/docker"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n');
    expect(fileAt(files, '/etc/containerd/certs.d/registry.k8s.io/hosts.toml').content).not.toContain('override_path');
    expect(fileAt(files, '/etc/containerd/config.toml').content).toContain('"registry.k8s.io/pause:3.10.2"');
  });

  it('give workers the initiator of iSCSI where the spec asks for it, and nobody else', async () => {
    const plain = { sshKeys: [], registryMirrors: {} };
    const packages = async (role: 'worker' | 'control-plane', machines: ClusterSpec['machines']) => nodeFiles(templates, await factsOf({ template: 'production', provider: 'aws', minor: '1.35', role }, { machines }))
      .filter(({ path }) => path.startsWith('/etc/clusterwright/packages.d/')).flatMap(({ content }) => content.trim().split('\n'));
    expect(await packages('worker', { ...plain, iscsi: true })).toContain('open-iscsi');
    for (const names of [await packages('worker', plain), await packages('control-plane', { ...plain, iscsi: true })]) expect(names).not.toContain('open-iscsi');
    // The driver brings its own; this is for volumes of the kubelet's own kind.
    expect(await packages('worker', plain)).toContain('nfs-common');
  });

  it('give a worker the labels and taints of its pool', async () => {
    const spec = await specOf('production', { nodePools: [{ name: 'gpu', machineType: 'm7i.xlarge', labels: { tier: 'gpu' }, taints: [{ key: 'gpu', value: 'yes "no"', effect: 'NoSchedule' }].map((taint) => ({ ...taint, value: 'yes' })) }] });
    const [pool] = spec.nodePools;
    if (pool === undefined) throw new Error('the spec has no pool');
    const join = fileAt(nodeFiles(templates, workerFacts({ spec, uid: 'abc123def456' }, pool)), '/etc/clusterwright/kubeadm/join-worker.yaml');
    const { nodeRegistration } = parse(join.content) as { nodeRegistration: { taints: unknown; kubeletExtraArgs: unknown } };
    expect(nodeRegistration.taints).toEqual([{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);
    expect(nodeRegistration.kubeletExtraArgs).toContainEqual({ name: 'node-labels', value: 'clusterwright.io/pool=gpu,tier=gpu,clusterwright.io/authorities=${AUTHORITIES}' });
  });
});

interface CloudConfig { write_files?: { path: string; permissions?: string; content: string }[]; runcmd?: string[][]; ssh_authorized_keys?: string[] }

describe('user data', () => {
  it.each(cases)('of %s is below the clouds\' limit and holds the facts', async (_name, given) => {
    const facts = await factsOf(given);
    const packed = userData(templates, facts);
    expect(Buffer.from(packed, 'base64').length).toBeLessThan(userDataLimits[given.provider]);
    expect(nodeFactsOf(Buffer.from(packed, 'base64'))).toEqual(facts);
    expect(nodeFactsSchema.parse(JSON.parse(fileAt(nodeFiles(templates, facts), nodeFactsPath).content))).toEqual(facts);
  });

  it.each(providers)('leaves room on %s with all that a spec may ask of a control plane', async (provider) => {
    // Keys do not pack.
    const sshKeys = ['ann', 'bob', 'eve'].map((who) => `ssh-ed25519 ${randomBytes(51).toString('base64')} ${who}@platform.example.com`);
    const registryMirrors = Object.fromEntries(['docker.io', 'quay.io', 'ghcr.io', 'registry.k8s.io'].map((registry) => [registry, `https://registry.platform.example.com/v2/mirror-of-${registry}`]));
    const spec = await specOf('hardened', { provider, name: 'a-name-of-24-characters0', network: { domain: 'kubernetes.platform.department.example.com' }, machines: { sshKeys, registryMirrors, packageMirror: 'https://packages.platform.department.example.com/mirror-of-kubernetes' } });
    const free = userDataLimits[provider] - Buffer.from(userData(templates, controlPlaneFacts({ spec, uid: 'abc123def456' }, 5, archiveOn(provider))), 'base64').length;
    // Room for what is still to come. Where it gets less, look at what can go into the archive before this number changes.
    expect(free, `${free} bytes are free`).toBeGreaterThanOrEqual(2048);
  });

  it('brings no file of the archive, where there is one, and all files where there is none', async () => {
    const pathsIn = async (provider: Provider) => {
      const [, node] = userDataParts(templates, await factsOf({ template: 'production', provider, minor: '1.35', role: 'control-plane' }));
      return ((parse(node?.content ?? '') as CloudConfig).write_files ?? []).map(({ path }) => path);
    };
    const archived = archivedFiles(templates).map(({ path }) => path);

    expect(archived).toContain('/opt/clusterwright/tasks/approver.sh');
    expect((await pathsIn('aws')).filter((path) => archived.includes(path))).toEqual([]);
    expect((await pathsIn('azure')).filter((path) => archived.includes(path)).sort()).toEqual([...archived].sort());
  });

  it('is one message of two cloud-configs, every byte of every file in it', async () => {
    const facts = await factsOf({ template: 'hardened', provider: 'azure', minor: '1.36', role: 'control-plane' });
    const parts = userDataParts(templates, facts);
    expect(gunzipSync(Buffer.from(userData(templates, facts), 'base64')).toString()).toBe(multipart(parts));
    expect(parts.map(({ content }) => content.split('\n', 1)[0])).toEqual(['#cloud-config', '#cloud-config']);
    const written = parts.flatMap(({ content }) => (parse(content) as CloudConfig).write_files ?? []);
    expect(written.map(({ path, permissions, content }) => ({ path, mode: permissions ?? '0644', content }))).toEqual(nodeFiles(templates, facts));
    for (const { content } of parts) expect(content).not.toContain('==clusterwright==');
  });

  it.each(cases.filter(([, { minor, template }]) => minor === '1.35' && template === 'production'))('of %s starts a unit that it brings', async (_name, given) => {
    const facts = await factsOf(given);
    const units = userDataParts(templates, facts).flatMap(({ content }) => (parse(content) as CloudConfig).runcmd ?? []).flat().filter((word) => word.endsWith('.service'));
    expect(units).not.toEqual([]);
    for (const unit of units) fileAt(nodeFiles(templates, facts), `/etc/systemd/system/${unit}`);
  });

  it('lets the spec\'s keys sign in, and speaks of none otherwise', async () => {
    const given = { template: 'production', provider: 'aws', minor: '1.35', role: 'worker' } as const;
    const keysIn = async (sshKeys: string[]) => (parse(userDataParts(templates, await factsOf(given, { machines: { sshKeys, registryMirrors: {} } }))[1]?.content ?? '') as CloudConfig).ssh_authorized_keys;
    expect(await keysIn(['ssh-ed25519 AAAA ops'])).toEqual(['ssh-ed25519 AAAA ops']);
    expect(await keysIn([])).toBeUndefined();
  });

  it('says nothing of a pool\'s bounds', async () => {
    const spec = await specOf('production');
    const of = (minNodes: number, maxNodes: number) => spec.nodePools.map((given) => workerFacts({ spec, uid: 'abc123def456' }, { ...given, minNodes, maxNodes }));
    expect(of(1, 5)).toEqual(of(3, 50));
  });

  it('is refused where it is too large', async () => {
    // Random bytes do not pack.
    const large = { ...templates, cloudConfig: `#cloud-config\nnoise: ${randomBytes(16_384).toString('base64')}\n` };
    const facts = await factsOf({ template: 'production', provider: 'aws', minor: '1.35', role: 'worker' });
    expect(() => userData(large, facts)).toThrow(/the limit is 16384/);
  });

  it('has a revision that follows its content', () => {
    expect(templates.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(nodeTemplates().revision).toBe(templates.revision);
  });
});
