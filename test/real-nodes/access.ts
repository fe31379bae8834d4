import { execFile } from 'node:child_process';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, fetch } from 'undici';
import { expect, it } from 'vitest';
import { kubernetesProgram } from '../support/kubernetes-programs.js';
import type { Ground } from './ground.js';

const run = promisify(execFile);
const kubelogin = fileURLToPath(new URL('../support/kubelogin.mjs', import.meta.url));

/** Who is let in from outside: nobody without a token, and people by the kubeconfig that the service gives them. */
export function access({ cluster, portal, service }: Ground): void {
  it('answers the probes without a token, and nothing else', async () => {
    const { server, name, authority } = await cluster.door();
    const dispatcher = new Agent({ connect: { ca: authority, servername: name } });
    const statuses = async (...paths: string[]): Promise<(readonly [string, number])[]> => Promise.all(paths.map(async (where) => [where, (await fetch(`${server}${where}`, { dispatcher })).status] as const));
    const probes = ['/livez', '/readyz', '/healthz'];
    const closed = ['/', '/version', '/api', '/apis', '/openapi/v3', '/metrics', '/livez/ping', '/readyz/etcd', '/api/v1/namespaces', '/api/v1/namespaces/kube-public/configmaps/cluster-info', '/.well-known/openid-configuration', '/openid/v1/jwks'];

    expect(await statuses(...probes)).toEqual(probes.map((where) => [where, 200]));
    expect(await statuses(...closed)).toEqual(closed.map((where) => [where, 401]));
    await dispatcher.close();
  });

  it('lets people in by the kubeconfig that the service gives, with a token that kubelogin gets for them', async () => {
    const folder = await mkdtemp(path.join(service.home, 'kubelogin-'));
    await symlink(kubelogin, path.join(folder, 'kubelogin'));
    const file = path.join(folder, 'kubeconfig');
    await writeFile(file, await (await portal.send('GET', `/clusters/${cluster.name}/kubeconfig`)).text());
    const { server, name } = await cluster.door();
    const kubectl = async (user: string, ...args: string[]): Promise<string> => {
      const env = { HOME: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}`, ENTRA_CONTROL: service.control, ENTRA_USER: `${user}@sandbox.example` };
      return (await run(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', file, '--request-timeout', '20s', ...args], { env })).stdout;
    };
    // Its server has a name inside the network only, so that the way there is another one; all else is as it was given.
    const as = (user: string, ...args: string[]): Promise<string> => kubectl(user, '--server', server, '--tls-server-name', name, ...args);

    expect(await kubectl('developer', 'config', 'view', '--output', 'jsonpath={.clusters[*].cluster.server}')).toBe(`https://${name}:6443`);
    expect(await as('developer', 'auth', 'whoami', '--output', 'jsonpath={.status.userInfo.username}')).toMatch(/^entra:/);
    await as('developer', '--namespace', 'payments', 'get', 'secrets');
    await expect(as('developer', '--namespace', 'default', 'get', 'secrets')).rejects.toThrow(/User "entra:[^"]+" cannot list resource "secrets"/);
    await expect(as('nobody', '--namespace', 'payments', 'get', 'pods')).rejects.toThrow(/cannot list resource "pods"/);
    await as('admin', 'get', 'nodes');
  });
}
