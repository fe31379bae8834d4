import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { apiServerPort, endpointName } from '../../../model/names.js';
import { CertificateAuthority, type KeyPair } from '../../../sandbox/kubernetes/pki.js';
import { ApiClient } from '../../../sandbox/kubernetes/provider/api-client.js';
import { Credentials } from '../../../sandbox/kubernetes/provider/credentials.js';
import { rsaKeyPair } from '../../../sandbox/rsa-keys.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { until } from '../../support/until.js';
import type { ReachableCluster } from './engine.js';

/** A control plane of real programs on loopback: etcd, API server and controller manager. It has no nodes. */
export interface RealCluster extends ReachableCluster {
  /** A loopback address of its own, with the port that clusters have. */
  readonly host: string;
  readonly client: ApiClient;
  stop(): Promise<void>;
}

const serverName = endpointName('test', 'clusterwright.internal');
const minor = '1.35';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Starts one, which calls itself `api.test.clusterwright.internal`, and waits until it answers. */
export async function startRealCluster(): Promise<RealCluster> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'real-cluster-'));
  const put = async (name: string, content: string): Promise<string> => {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const [host, port] = [`127.77.${randomInt(1, 255)}.${randomInt(1, 255)}`, apiServerPort];
  const children: ChildProcess[] = [];
  const start = (release: Parameters<typeof kubernetesProgram>[0], program: Parameters<typeof kubernetesProgram>[1], args: Record<string, string>): ChildProcess => {
    const log = openSync(path.join(folder, `${program}.log`), 'a');
    const child = spawn(kubernetesProgram(release, program), Object.entries(args).map(([name, value]) => `--${name}=${value}`), { stdio: ['ignore', log, log] });
    children.push(child);
    return child;
  };
  const authority = await CertificateAuthority.create('test');
  const [now, later] = [Date.now(), Date.now() + 3_600_000];
  const issue = (name: string, group: string): Promise<KeyPair> => authority.issueClient(name, group, now, later);
  const [server, root, admin] = await Promise.all([authority.issueServer([serverName], [host]), issue('root', 'system:masters'), issue('clusterwright:provisioner', 'clusterwright:provisioners')]);
  const [etcdPort, peerPort] = [await freePort(), await freePort()];
  const [ca, certificate, key] = await Promise.all([put('ca.crt', authority.certificate), put('server.crt', server.certificate), put('server.key', server.key)]);
  const accounts = await put('accounts.key', rsaKeyPair().privateKey);
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const kubeconfig = await put('root.conf', JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `https://${host}:${port}`, 'certificate-authority': ca } }],
    users: [{ name: 'u', user: { 'client-certificate-data': encoded(root.certificate), 'client-key-data': encoded(root.key) } }],
  }));

  const [etcdUrl, peerUrl] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`];
  start('etcd', 'etcd', {
    'data-dir': path.join(folder, 'etcd'), 'unsafe-no-fsync': 'true', 'listen-client-urls': etcdUrl, 'advertise-client-urls': etcdUrl, 'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl, 'initial-cluster': `default=${peerUrl}`,
  });
  const apiServer = start(minor, 'kube-apiserver', {
    'etcd-servers': etcdUrl, 'bind-address': host, 'secure-port': String(port), 'tls-cert-file': certificate, 'tls-private-key-file': key, 'client-ca-file': ca,
    'authorization-mode': 'RBAC', 'allow-privileged': 'true', 'service-cluster-ip-range': '10.96.0.0/16', 'service-account-issuer': `https://${serverName}`, 'service-account-key-file': accounts, 'service-account-signing-key-file': accounts,
  });
  const access = { server: new URL(`https://${host}:${port}`), authority: authority.certificate, serverName, namespace: undefined };
  const asRoot = new ApiClient({ ...access, user: root }, new Credentials({}));
  await until(async () => {
    if (apiServer.exitCode !== null) throw new Error(`the API server ended: ${readFileSync(path.join(folder, 'kube-apiserver.log'), 'utf8').slice(-2000)}`);
    // The controller manager ends when it has waited ten seconds for it to be healthy.
    return asRoot.call('GET', '/healthz').then(() => asRoot.call('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin')).then(() => true, () => false);
  }, 120_000);
  start(minor, 'kube-controller-manager', { kubeconfig, 'service-account-private-key-file': accounts, 'root-ca-file': ca, 'leader-elect': 'false', 'secure-port': '0' });
  await asRoot.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'clusterwright:provisioners' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'clusterwright:provisioners' }],
  }, 'test', true);
  return {
    host, port, authority, admin, client: new ApiClient({ ...access, user: admin }, new Credentials({})),
    async stop() {
      for (const child of children.reverse()) {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      await rm(folder, { recursive: true });
    },
  };
}
