import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesVersions, type KubernetesVersion } from '../../../model/spec.js';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { factsOf, fileAt, filledByNode, layOut, nodeCases, runProgram, type NodeCase } from '../../support/nodes.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'kubeadm-'));
afterAll(() => rmSync(folder, { recursive: true }));
const templates = nodeTemplates();

/** What the node's rendezvous writes before it joins; kubeadm looks whether it is there. */
const discovery = path.join(folder, 'discovery.conf');
writeFileSync(discovery, '');

async function configOf(given: NodeCase, name: string): Promise<string> {
  const { content } = fileAt(nodeFiles(templates, await factsOf(given)), `/etc/clusterwright/kubeadm/${name}.yaml`);
  const file = path.join(folder, `${given.template}-${given.provider}-${given.minor}-${name}.yaml`);
  writeFileSync(file, filledByNode(content).replace('/etc/clusterwright/discovery.conf', discovery));
  return file;
}

const configs = { 'control-plane': ['init', 'join-control-plane'], 'worker': ['join-worker'] } as const;
const cases = nodeCases.flatMap((given) => configs[given.role].map((name): [string, NodeCase, string] => [`${given.template} ${given.provider} ${given.minor} ${name}`, given, name]));

describe('kubeadm', () => {
  it.each(cases)('of its minor takes %s', async (_name, given, config) => {
    const { code, output } = await runProgram(kubernetesProgram(given.minor, 'kubeadm'), ['config', 'validate', '--config', await configOf(given, config)]);

    // Fields that it does not know are told as warnings.
    expect(output.trim()).toBe('ok');
    expect(code).toBe(0);
  });

  it.each(kubernetesVersions)('of %s spreads cluster DNS over nodes, and insists where there are several control planes', async (minor: KubernetesVersion) => {
    for (const [template, overNodes] of [['production', { whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 }], ['development', { whenUnsatisfiable: 'ScheduleAnyway' }]] as const) {
      const files = nodeFiles(templates, await factsOf({ template, provider: 'aws', minor, role: 'control-plane' }));
      const patches = path.join(folder, `patches-${template}-${minor}`);
      layOut(files.filter((file) => file.path.startsWith('/etc/kubernetes/patches/')), patches);
      const config = path.join(folder, `dns-${template}-${minor}.yaml`);
      writeFileSync(config, filledByNode(fileAt(files, '/etc/clusterwright/kubeadm/init.yaml').content).replace('/etc/kubernetes/patches', path.join(patches, 'etc/kubernetes/patches')));
      const { code, output } = await runProgram(kubernetesProgram(minor, 'kubeadm'), ['init', 'phase', 'addon', 'coredns', '--print-manifest', '--config', config]);

      expect(code, output).toBe(0);
      const deployment = parseAllDocuments(output.slice(output.indexOf('---'))).map((document) => document.toJS() as { kind?: string; spec?: unknown }).find((object) => object.kind === 'Deployment');
      expect(deployment?.spec).toMatchObject({ replicas: 2, template: { spec: { topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname', ...overNodes }, { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }] } } });
    }
  });

  it('refuses what it does not know', async () => {
    const file = path.join(folder, 'wrong.yaml');
    writeFileSync(file, 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterNme: x\n');
    const { output } = await runProgram(kubernetesProgram('1.35', 'kubeadm'), ['config', 'validate', '--config', file]);
    expect(output).toContain('unknown field "clusterNme"');
  });

  it.each(kubernetesVersions)('of %s pulls the pause image that containerd is told to keep', async (minor: KubernetesVersion) => {
    const given: NodeCase = { template: 'production', provider: 'aws', minor, role: 'control-plane' };
    const { output } = await runProgram(kubernetesProgram(minor, 'kubeadm'), ['config', 'images', 'list', '--config', await configOf(given, 'init')]);
    const pause = output.split('\n').find((line) => line.startsWith('registry.k8s.io/pause:'));

    expect(pause).toBeDefined();
    expect(fileAt(nodeFiles(templates, await factsOf(given)), '/etc/containerd/config.toml').content).toContain(`sandbox = "${pause ?? ''}"`);
    expect(output).not.toContain('kube-proxy');
  });
});
