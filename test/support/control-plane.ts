import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KubernetesVersion } from '../../model/spec.js';
import { nodeFiles } from '../../programs/nodes/render.js';
import { nodeTemplates, type NodeFile } from '../../programs/nodes/templates.js';
import { kubernetesProgram } from './kubernetes-programs.js';
import { NodeSpace, staticPodArguments } from './node-space.js';
import { factsOf, filledByNode, layOut } from './nodes.js';
import { until } from './until.js';

/** The address that {@link filledByNode} gives the node. */
const address = '10.20.0.16';

/** Lets the outside in and the inside out: joins `FROM=TO` pairs of sockets and ports of 127.0.0.1 or the node. */
const relay = `
  const net = require('node:net');
  const place = (text) => text.startsWith('/') ? { path: text } : { host: text.split(':')[0], port: Number(text.split(':')[1]) };
  for (const pair of process.argv.slice(1)) {
    const [from, to] = pair.split('=').map(place);
    net.createServer((incoming) => {
      const outgoing = net.connect(to);
      incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy());
      outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
      incoming.pipe(outgoing).pipe(incoming);
    }).listen(from);
  }`;

const kubeconfigSchema = z.object({ users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() }) })]) });
const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/**
 * A control plane's etcd and API server in a place of their own, with the rendered files and what kubeadm makes of them. The API server finds Entra's name at a
 * socket of this machine. Needs root on Linux.
 */
export class ControlPlane {
  private constructor(
    /** Where the API server can be connected to from outside. */
    readonly socket: string,
    /** PEM; the server's certificate is also for `kubernetes.default.svc`. */
    readonly authority: string,
    /** Somebody of the group system:masters, PEM. */
    readonly admin: { readonly cert: string; readonly key: string },
    private readonly space: NodeSpace,
    private readonly folder: string,
  ) {}

  /**
   * @param entra the spec's tenant and application; a socket on which TLS is spoken under Entra's name, and whom to trust there, PEM
   * @param others names of further issuers, which answer at the same socket
   */
  static async start(minor: KubernetesVersion, entra: { tenantId: string; clientId: string; socket: string; authority: string }, others: readonly string[] = []): Promise<ControlPlane> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'control-plane-'));
    const space = await NodeSpace.open(address);
    const inside = async (program: string, ...args: string[]): Promise<void> => {
      const { code, output } = await space.run(program, ...args);
      if (code !== 0) throw new Error(output);
    };
    const facts = { ...(await factsOf({ template: 'hardened', provider: 'aws', minor, role: 'control-plane' })), entra: { tenantId: entra.tenantId, clientId: entra.clientId } };
    const files = nodeFiles(nodeTemplates(), facts).filter(({ path: place }) => place.startsWith('/etc/clusterwright/') || place.startsWith('/etc/kubernetes/')).map((file): NodeFile => ({ ...file, content: filledByNode(file.content) }));
    const encryption = files.find(({ path: place }) => place === '/etc/clusterwright/encryption.yaml');
    if (encryption === undefined) throw new Error('there is no encryption.yaml');
    const key = randomBytes(32).toString('base64');
    layOut([
      ...files,
      { ...encryption, path: '/etc/kubernetes/clusterwright/encryption.yaml', content: encryption.content.replace('${ENCRYPTION_KEY}', key) },
      { path: '/trusted.crt', mode: '0644', content: entra.authority },
    ], folder);
    await inside('cp', '--archive', path.join(folder, 'etc/clusterwright'), path.join(folder, 'etc/kubernetes'), '/etc/');
    await inside('cp', path.join(folder, 'trusted.crt'), '/etc/ssl/certs/ca-certificates.crt');
    await inside('bash', '-c', `echo "127.0.0.1 ${['login.microsoftonline.com', ...others].join(' ')}" >> /etc/hosts`);
    const socket = path.join(folder, 'api.sock');
    space.start(process.execPath, ['-e', relay, `127.0.0.1:443=${entra.socket}`, `${socket}=${address}:6443`], path.join(folder, 'relay.log'));

    const config = ['--config', '/etc/clusterwright/kubeadm/init.yaml'];
    for (const phase of [['certs', 'all'], ['kubeconfig', 'super-admin'], ['control-plane', 'apiserver'], ['etcd', 'local']]) await inside(kubernetesProgram(minor, 'kubeadm'), 'init', 'phase', ...phase, ...config);
    for (const place of ['manifests/etcd.yaml', 'manifests/kube-apiserver.yaml', 'super-admin.conf', 'pki/ca.crt']) await inside('cp', `/etc/kubernetes/${place}`, folder);
    space.start(kubernetesProgram('etcd', 'etcd'), staticPodArguments(path.join(folder, 'etcd.yaml')), path.join(folder, 'etcd.log'));
    const log = path.join(folder, 'kube-apiserver.log');
    const server = space.start(kubernetesProgram(minor, 'kube-apiserver'), staticPodArguments(path.join(folder, 'kube-apiserver.yaml')), log);
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`the API server ended: ${readFileSync(log, 'utf8').slice(-2000)}`);
      return (await space.request('GET', `https://${address}:6443/readyz`, path.join(folder, 'ca.crt')).catch(() => undefined))?.status === 200;
    }, 180_000);
    const { user } = kubeconfigSchema.parse(parse(readFileSync(path.join(folder, 'super-admin.conf'), 'utf8'))).users[0];
    return new ControlPlane(socket, readFileSync(path.join(folder, 'ca.crt'), 'utf8'), { cert: decoded(user['client-certificate-data']), key: decoded(user['client-key-data']) }, space, folder);
  }

  /** Changes a file of the machine as its scripts do: another takes its place. */
  async replaceFile(place: string, change: (content: string) => string): Promise<void> {
    const { output } = await this.space.run('cat', place);
    const file = path.join(this.folder, 'replacement');
    writeFileSync(file, change(output), { mode: 0o600 });
    const { code, output: said } = await this.space.run('bash', '-c', `cp "${file}" "${place}.new" && mv "${place}.new" "${place}"`);
    if (code !== 0) throw new Error(said);
  }

  /** Runs a program on the machine, to its end. */
  run(program: string, ...args: string[]): Promise<{ code: number; output: string }> {
    return this.space.run(program, ...args);
  }

  async close(): Promise<void> {
    await this.space.close();
    rmSync(this.folder, { recursive: true });
  }
}
