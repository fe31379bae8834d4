import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Provider } from '../../model/spec.js';
import { sandboxPrefix, shortName } from '../../sandbox/hosts/short-name.js';
import { kubernetesProgram } from '../support/kubernetes-programs.js';
import { fullRequest } from '../support/portal.js';
import type { UsedService } from '../support/use-service.js';
import { pipeline } from './pipeline.js';

const run = promisify(execFile);

const hostSchema = z.object({ id: z.string(), name: z.string(), network: z.string(), address: z.string(), running: z.boolean(), pid: z.int().nullable() });
/** A host as the sandbox tells of it. */
export type RealHost = z.infer<typeof hostSchema>;

const machineTypes = { aws: { controlPlane: 'm7i.large', pool: 'm7i.xlarge', region: 'eu-west-1' }, azure: { controlPlane: 'Standard_D2s_v5', pool: 'Standard_D4s_v5', region: 'westeurope' } } as const;

const doorSchema = z.object({ clusters: z.tuple([z.object({ cluster: z.object({ 'server': z.url(), 'tls-server-name': z.string(), 'certificate-authority-data': z.base64() }) })]) });

/** The application of the sandbox's Entra ID that clusters sign people in with. */
export const entra = { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222' };

/** The only pool of such a cluster, with this many nodes. */
export function realPool(provider: Provider, minNodes: number, maxNodes: number): object {
  return { name: 'general', machineType: machineTypes[provider].pool, minNodes, maxNodes, diskGiB: 100, labels: {}, taints: [] };
}

/** The request of a production cluster with two workers, as `npm run demo -- --nodes real` sends it, with a group of the sandbox's Entra ID for each role. */
export function realRequest(name: string, provider: Provider): object {
  const { controlPlane: machineType, region } = machineTypes[provider];
  const group = (number: number): string => `11111111-aaaa-4aaa-8aaa-00000000000${number}`;
  return {
    ...fullRequest(name), provider, region, controlPlane: { replicas: 3, machineType, etcdDiskGiB: 64 }, nodePools: [realPool(provider, 2, 3)],
    access: { entra, groups: [
      { id: group(1), role: 'admin' }, { id: group(2), role: 'operator' }, { id: group(3), role: 'developer', namespaces: ['payments'] }, { id: group(4), role: 'viewer', namespaces: ['payments'] },
    ], pipelines: [pipeline] },
    // Tests break machines themselves, and put them right.
    nodeHealth: { replace: false },
  };
}

/** A cluster of real nodes in the hands of its administrator and of who owns the machine below. */
export class RealCluster {
  /** The hosts as `look` has found them. */
  controlPlanes: readonly RealHost[] = [];
  workers: readonly RealHost[] = [];

  constructor(private readonly service: UsedService['service'], readonly name: string) {}

  /** Any control plane. */
  get controlPlane(): RealHost {
    return anyOf(this.controlPlanes);
  }

  /** Any worker. */
  get worker(): RealHost {
    return anyOf(this.workers);
  }

  /** Runs kubectl as administrator, from outside the cluster. Rejects with what it says. */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const file = await this.adminFile();
    const called = run(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', file, '--request-timeout', '20s', ...args], { maxBuffer: 64 * 2 ** 20 });
    called.child.stdin?.end(input);
    return (await called).stdout;
  }

  /** An administrator's kubeconfig, as a file. @param isStale whether the one that was had before is good no more */
  async adminFile(isStale = false): Promise<string> {
    const file = path.join(this.service.home, `${this.name}.admin.kubeconfig`);
    if (existsSync(file) && !isStale) return file;
    const { kubeconfig } = z.object({ kubeconfig: z.string() }).parse(await (await fetch(`${this.service.control}/clusters/${this.name}/kubeconfig`)).json());
    await writeFile(file, kubeconfig, { mode: 0o600 });
    return file;
  }

  /** The way to the API server from this machine: its load balancer's loopback address, the name in its certificate, and who has signed that. */
  async door(): Promise<{ readonly server: string; readonly name: string; readonly authority: string }> {
    const { clusters: [{ cluster }] } = doorSchema.parse(parse(await readFile(await this.adminFile(), 'utf8')));
    return { server: cluster.server, name: cluster['tls-server-name'], authority: Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8') };
  }

  /** A kubeconfig with somebody's token, as a file; the next one takes its place. @param isStale as with `adminFile` */
  async tokenFile(token: string, isStale = false): Promise<string> {
    const config = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })) }).parse(parse(await readFile(await this.adminFile(isStale), 'utf8')));
    const file = path.join(this.service.home, `${this.name}.token.kubeconfig`);
    await writeFile(file, stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) }), { mode: 0o600 });
    return file;
  }

  /** Runs kubectl with somebody's token instead. */
  async kubectlWith(token: string, args: readonly string[]): Promise<string> {
    return (await run(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', await this.tokenFile(token), '--request-timeout', '20s', ...args])).stdout;
  }

  /** A token of the sandbox's Entra ID. */
  async entraToken(about: object): Promise<string> {
    const answer = await fetch(`${this.service.control}/entra/tokens`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(about) });
    return z.object({ token: z.string() }).parse(await answer.json()).token;
  }

  /** Lines that a template makes of objects. */
  async lines(kind: string, jsonpath: string, ...args: readonly string[]): Promise<string[]> {
    const text = await this.kubectl(['get', kind, ...args, '--output', `jsonpath={range .items[*]}${jsonpath}{"\\n"}{end}`]);
    return text.split('\n').filter((line) => line !== '');
  }

  /** Seconds from the moment in which the first machine was switched on to the one in which the last node became Ready. */
  async secondsToReady(): Promise<number> {
    const machines = path.join(this.service.home, 'sandbox/hosts/machines');
    const begun = await Promise.all((await readdir(machines)).map(async (machine) => (await stat(path.join(machines, machine, 'console.log'))).birthtimeMs));
    const ready = await this.lines('nodes', '{.status.conditions[?(@.type=="Ready")].lastTransitionTime}');
    return (Math.max(...ready.map((moment) => Date.parse(moment))) - Math.min(...begun)) / 1000;
  }

  /** Finds the hosts anew: who boots again is another process. */
  async look(): Promise<void> {
    const { items } = z.object({ items: z.array(hostSchema) }).parse(await (await fetch(`${this.service.control}/hosts`)).json());
    const marked = await Promise.all(items.map(async (host) => ({ host, first: await this.inside(host, 'test', '-e', '/etc/kubernetes/clusterwright/authentication.yaml').then(() => true, () => false) })));
    this.controlPlanes = marked.filter(({ first }) => first).map(({ host }) => host);
    this.workers = marked.filter(({ first }) => !first).map(({ host }) => host);
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

  /** Takes a machine away as somebody would at the cloud's console. */
  async terminate({ id }: RealHost): Promise<void> {
    const answer = await fetch(`${this.service.control}/resources/${encodeURIComponent(id)}/delete`, { method: 'POST' });
    if (!answer.ok) throw new Error(`POST /resources/${id}/delete: ${await answer.text()}`);
  }

  /** Whether a TCP connection from a host comes about within two seconds. */
  async connects(from: RealHost, address: string, port: number): Promise<boolean> {
    return this.inside(from, 'timeout', '2', 'bash', '-c', `</dev/tcp/${address}/${port}`).then(() => true, () => false);
  }

  /** Runs a command in the router of the hosts' network. */
  async inNetwork(...args: readonly string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', `${sandboxPrefix(this.service.home)}-${shortName(this.worker.network)}`, ...args])).stdout;
  }

  /** Whether all three members of etcd answer, asked on a control plane. */
  async hasHealthyEtcd(): Promise<boolean> {
    return this.etcdctl(this.controlPlane, 'endpoint', 'health', '--cluster').then((told) => told.trim().split('\n').length === 3, () => false);
  }

  /** Asks etcd, on a host that has a member. */
  etcdctl(host: RealHost, ...args: readonly string[]): Promise<string> {
    const pki = '/etc/kubernetes/pki/etcd';
    return this.inside(host, 'bash', '-c', `crictl exec "$(crictl ps --quiet --name ^etcd$)" etcdctl --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key ${args.join(' ')}`);
  }
}

function anyOf([host]: readonly RealHost[]): RealHost {
  if (host === undefined) throw new Error('no host was found');
  return host;
}

/** What a sandbox's hosts have on this machine: namespaces, control groups, loop devices, mounts, processes. */
export async function tracesOfHosts(home: string): Promise<string[]> {
  const [prefix, folder] = [`${sandboxPrefix(home)}-`, path.join(home, 'sandbox/hosts')];
  const commands: readonly (readonly [program: string, ...args: string[]])[] = [
    ['ip', 'netns', 'list'], ['find', '/sys/fs/cgroup', '-maxdepth', '4', '-path', '*/clusterwright/*'], ['losetup', '--noheadings', '--output', 'BACK-FILE'],
    ['findmnt', '--noheadings', '--raw', '--output', 'TARGET'], ['ps', '-eo', 'args'],
  ];
  const told = await Promise.all(commands.map(([program, ...args]) => run(program, args, { maxBuffer: 16 * 2 ** 20 })));
  return told.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.includes(prefix) || line.includes(folder));
}
