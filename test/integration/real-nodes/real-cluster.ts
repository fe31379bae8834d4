import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Provider } from '../../../model/spec.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { fullRequest } from '../../support/portal.js';
import type { UsedService } from '../../support/use-service.js';

const run = promisify(execFile);

const hostSchema = z.object({ id: z.string(), name: z.string(), address: z.string(), running: z.boolean(), pid: z.int().nullable() });
/** A host as the sandbox tells of it. */
export type RealHost = z.infer<typeof hostSchema>;

const machineTypes = { aws: { controlPlane: 'm7i.large', pool: 'm7i.xlarge', region: 'eu-west-1' }, azure: { controlPlane: 'Standard_D2s_v5', pool: 'Standard_D4s_v5', region: 'westeurope' } } as const;

/** The request of a production cluster with two workers, as `npm run demo -- --nodes real` sends it. */
export function realRequest(name: string, provider: Provider): Record<string, unknown> {
  const types = machineTypes[provider];
  return {
    ...fullRequest(name), provider, region: types.region, controlPlane: { replicas: 3, machineType: types.controlPlane, etcdDiskGiB: 64 },
    nodePools: [{ name: 'general', machineType: types.pool, minNodes: 2, maxNodes: 3, diskGiB: 100, labels: {}, taints: [] }],
  };
}

/** A cluster of real nodes in the hands of its administrator and of who owns the machine below. */
export class RealCluster {
  constructor(private readonly service: UsedService['service'], readonly name: string) {}

  /** Runs kubectl as administrator, from outside the cluster. Rejects with what it says. */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const file = path.join(this.service.home, `${this.name}.admin.kubeconfig`);
    const { kubeconfig } = z.object({ kubeconfig: z.string() }).parse(await (await fetch(`${this.service.control}/clusters/${this.name}/kubeconfig`)).json());
    await writeFile(file, kubeconfig, { mode: 0o600 });
    const called = run(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', file, '--request-timeout', '20s', ...args], { maxBuffer: 64 * 2 ** 20 });
    called.child.stdin?.end(input);
    return (await called).stdout;
  }

  /** Lines that a template makes of objects. */
  async lines(kind: string, jsonpath: string, ...args: readonly string[]): Promise<string[]> {
    const text = await this.kubectl(['get', kind, ...args, '--output', `jsonpath={range .items[*]}${jsonpath}{"\\n"}{end}`]);
    return text.split('\n').filter((line) => line !== '');
  }

  /** All hosts; those of control planes first. */
  async hosts(): Promise<{ controlPlanes: RealHost[]; workers: RealHost[] }> {
    const { items } = z.object({ items: z.array(hostSchema) }).parse(await (await fetch(`${this.service.control}/hosts`)).json());
    const marked = await Promise.all(items.map(async (host) => ({ host, first: await this.inside(host, 'test', '-e', '/etc/kubernetes/clusterwright/authentication.yaml').then(() => true, () => false) })));
    return { controlPlanes: marked.filter(({ first }) => first).map(({ host }) => host), workers: marked.filter(({ first }) => !first).map(({ host }) => host) };
  }

  /** Runs a command inside a host. Rejects where it fails. */
  async inside({ pid, name }: RealHost, ...args: readonly string[]): Promise<string> {
    if (pid === null) throw new Error(`the host ${name} does not run`);
    return (await run('nsenter', ['--target', String(pid), '--all', ...args], { maxBuffer: 64 * 2 ** 20 })).stdout;
  }

  /** Cuts a host's power without a word, or switches it on. */
  async power({ id }: RealHost, on: boolean): Promise<void> {
    const answer = await fetch(`${this.service.control}/hosts/${encodeURIComponent(id)}/power`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ on }) });
    if (!answer.ok) throw new Error(`POST /hosts/${id}/power: ${await answer.text()}`);
  }

  /** Whether a TCP connection from a host comes about within two seconds. */
  async connects(from: RealHost, address: string, port: number): Promise<boolean> {
    return this.inside(from, 'timeout', '2', 'bash', '-c', `</dev/tcp/${address}/${port}`).then(() => true, () => false);
  }

  /** Asks etcd, on a host that has a member. */
  etcdctl(host: RealHost, ...args: readonly string[]): Promise<string> {
    const pki = '/etc/kubernetes/pki/etcd';
    return this.inside(host, 'bash', '-c', `crictl exec "$(crictl ps --quiet --name ^etcd$)" etcdctl --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key ${args.join(' ')}`);
  }
}

/** What of hosts is on this machine, of any sandbox: namespaces, control groups, loop devices, interfaces. */
export async function tracesOfHosts(home: string): Promise<string[]> {
  const [spaces, groups, loops, mounts, processes] = await Promise.all([
    run('ip', ['netns', 'list']), run('find', ['/sys/fs/cgroup', '-maxdepth', '3', '-path', '*/clusterwright/*']), run('losetup', ['--noheadings', '--output', 'BACK-FILE']),
    run('findmnt', ['--noheadings', '--raw', '--output', 'TARGET']), run('ps', ['-eo', 'args']),
  ]);
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  return [...lines(spaces.stdout), ...lines(groups.stdout), ...[...lines(loops.stdout), ...lines(mounts.stdout), ...lines(processes.stdout)].filter((line) => line.includes(`${home}/sandbox/hosts`))];
}
