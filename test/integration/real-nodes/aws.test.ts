import { beforeAll, describe, expect, it } from 'vitest';
import { request } from 'node:https';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { PortalJob } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';
import { RealCluster, realRequest, tracesOfHosts, type RealHost } from './real-cluster.js';

const shell = 'sandbox.clusterwright.io/network:1';

/** A pod that runs a command in a shell. */
function pod(name: string, nodeName: string | undefined, command: string, more: object = {}): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { ...(nodeName === undefined ? {} : { nodeName }), terminationGracePeriodSeconds: 0, containers: [{ name: 'shell', image: shell, imagePullPolicy: 'Never', command: ['sh', '-c', command], ...more }] } };
}

describe('a cluster of real nodes on AWS', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(service, 'real');
  let created: PortalJob;
  let controlPlanes: RealHost[];
  let workers: RealHost[];

  beforeAll(async () => {
    created = await portal.change('POST', '/clusters', realRequest('real', 'aws'));
    if (created.state === 'succeeded') ({ controlPlanes, workers } = await cluster.hosts());
  }, 600_000);

  it('becomes ready: three control planes and two workers, static pods, CoreDNS and three members of etcd', async () => {
    expect(created.error).toBeNull();
    expect(await portal.cluster('real')).toMatchObject({ state: 'ready', nodes: { controlPlane: 3, workers: 2 } });
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
    const pods = await cluster.lines('pods', '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}', '--namespace', 'kube-system');
    expect(pods.filter((line) => !line.endsWith(' True'))).toEqual([]);
    for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) expect(pods.filter((line) => line.startsWith(`${component}-ip-`))).toHaveLength(3);
    expect(pods.filter((line) => line.startsWith('coredns-'))).toHaveLength(2);
    const [first] = controlPlanes;
    if (first === undefined) throw new Error('there is no control plane');
    expect((await cluster.etcdctl(first, 'member', 'list')).split('\n').filter((line) => line.includes('started'))).toHaveLength(3);
  });

  it('lists what it could not have as skipped or as stood in for, never as installed', async () => {
    const { addons } = (await portal.cluster('real')) as { addons: { name: string; state: string }[] };
    expect(addons.find(({ name }) => name === 'cilium')?.state).toBe('stand-in');
    expect(addons.find(({ name }) => name === 'velero')?.state).toBe('skipped');
    expect(addons.filter(({ state }) => state === 'deployed')).toEqual([]);
  });

  it('has pods reach a Service on another worker by its name, and the metadata service not at all', async () => {
    const names = await cluster.lines('nodes', '{.metadata.name}', '--selector', '!node-role.kubernetes.io/control-plane');
    await cluster.kubectl(['create', 'namespace', 'reach']);
    const service_ = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } };
    const objects = [pod('web', names[0], 'mkdir /www; echo from the other worker > /www/index.html; busybox httpd -f -p 8080 -h /www'), pod('caller', names[1], 'sleep 3600'), service_];
    await cluster.kubectl(['--namespace', 'reach', 'apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    await cluster.kubectl(['--namespace', 'reach', 'wait', '--for', 'condition=Ready', 'pod', '--all', '--timeout', '60s', '--request-timeout', '70s']);
    const inCaller = (...args: string[]): Promise<string> => cluster.kubectl(['--namespace', 'reach', 'exec', 'caller', '--', ...args]);
    await expect.poll(() => inCaller('curl', '--silent', '--max-time', '2', 'http://web.reach.svc.cluster.local').catch(String), { timeout: 20_000 }).toBe('from the other worker\n');
    const token = ['curl', '--silent', '--max-time', '3', '--request', 'PUT', '--header', 'X-aws-ec2-metadata-token-ttl-seconds: 60', 'http://169.254.169.254/latest/api/token'];
    await expect(inCaller(...token)).rejects.toThrow();
    const [worker] = workers;
    if (worker === undefined) throw new Error('there is no worker');
    expect(await cluster.inside(worker, ...token)).not.toBe('');
  });

  it('closes etcd and the controllers of control planes to workers, and leaves the API server open', async () => {
    const [worker] = workers;
    for (const { address } of controlPlanes) {
      if (worker === undefined) throw new Error('there is no worker');
      for (const port of [2379, 2380, 10257, 10259]) expect({ address, port, open: await cluster.connects(worker, address, port) }).toEqual({ address, port, open: false });
      expect(await cluster.connects(worker, address, 6443)).toBe(true);
    }
  });

  it('keeps secrets unreadable in etcd, writes who asked, and signs kubelets\' certificates', async () => {
    await cluster.kubectl(['create', 'secret', 'generic', 'planted', '--from-literal', 'word=a-planted-secret']);
    const [first] = controlPlanes;
    if (first === undefined) throw new Error('there is no control plane');
    const stored = await cluster.etcdctl(first, 'get', '/registry/secrets/default/planted');
    expect(stored).toContain('k8s:enc:');
    expect(stored).not.toContain('a-planted-secret');
    const logs = await Promise.all(controlPlanes.map((host) => cluster.inside(host, 'grep', '--count', '"name":"planted"', '/var/log/kubernetes/audit/audit.log').catch(() => '0')));
    expect(logs.map(Number).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    const issuer = await cluster.inside(first, 'bash', '-c', 'openssl verify -CAfile /etc/kubernetes/pki/ca.crt /var/lib/kubelet/pki/kubelet-server-current.pem');
    expect(issuer).toContain('OK');
  });

  it('refuses a privileged pod where the namespace is restricted', async () => {
    const privileged = pod('privileged', undefined, 'true', { securityContext: { privileged: true } });
    await expect(cluster.kubectl(['--namespace', 'payments', 'apply', '--filename', '-'], JSON.stringify(privileged))).rejects.toThrow(/violates PodSecurity "restricted/);
  });

  it('answers through the load balancer while a control plane dies, and has it back by switching it on', async () => {
    const [victim] = controlPlanes;
    if (victim === undefined) throw new Error('there is no control plane');
    const probe = await startProbe(cluster, service.home);
    await wait(1_000);
    await cluster.power(victim, false);
    await wait(8_000);
    const failedMs = await probe.stop();
    expect(failedMs).toBeLessThanOrEqual(3_000);
    await cluster.power(victim, true);
    await expect.poll(async () => (await cluster.hosts()).controlPlanes.length, { timeout: 30_000 }).toBe(3);
    ({ controlPlanes } = await cluster.hosts());
    const [again] = controlPlanes.filter(({ id }) => id === victim.id);
    if (again === undefined) throw new Error('the control plane is not back');
    await expect.poll(async () => (await cluster.etcdctl(again, 'endpoint', 'health').catch(String)), { timeout: 90_000 }).toContain('is healthy');
  });

  it('gets a third worker by a change of its pool, and gives it back', async () => {
    const pool = (minNodes: number): object => ({ nodePools: [{ ...(realRequest('real', 'aws')['nodePools'] as object[])[0], minNodes }] });
    expect((await portal.change('PATCH', '/clusters/real', pool(3))).error).toBeNull();
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(6).fill('True'));
    expect((await portal.change('PATCH', '/clusters/real', pool(2))).error).toBeNull();
    await expect.poll(() => cluster.lines('nodes', '{.metadata.name}'), { timeout: 60_000 }).toHaveLength(5);
  });

  it('leaves nothing on this machine when it is deleted', async () => {
    const deleted = await portal.change('DELETE', '/clusters/real?retain=none');
    expect(deleted.error).toBeNull();
    expect(deleted.receipt?.leftovers).toEqual([]);
    await expect.poll(() => tracesOfHosts(service.home), { timeout: 30_000 }).toEqual([]);
    expect(await readdir(path.join(service.home, 'sandbox/hosts/machines'))).toEqual([]);
    expect(await readdir(path.join(service.home, 'sandbox/hosts/disks'))).toEqual([]);
  });
});

/** Lists pods through the load balancer every tenth of a second. `stop` ends it and tells for how many milliseconds in all there was no answer. */
async function startProbe(cluster: RealCluster, home: string): Promise<{ stop(): Promise<number> }> {
  await cluster.kubectl(['version']);
  const config = await readFile(path.join(home, `${cluster.name}.admin.kubeconfig`), 'utf8');
  const field = (name: string): Buffer => Buffer.from(new RegExp(`${name}: ([A-Za-z0-9+/=]+)`).exec(config)?.[1] ?? '', 'base64');
  const [, host = '', servername = ''] = /server: https:\/\/([\d.]+):6443\n\s+tls-server-name: (\S+)/.exec(config) ?? [];
  const options = { host, port: 6443, servername, path: '/api/v1/namespaces/kube-system/pods?limit=1', ca: field('certificate-authority-data'), cert: field('client-certificate-data'), key: field('client-key-data'), agent: false, timeout: 1_000 } as const;
  const answers = (): Promise<boolean> => new Promise((resolve) => {
    const asked = request(options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200)).once('error', () => resolve(false));
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time'))).once('error', () => resolve(false)).end();
  });
  let going = true;
  let failed = 0;
  const loop = (async () => {
    while (going) {
      const begun = Date.now();
      const well = await answers();
      await wait(Math.max(0, 100 - (Date.now() - begun)));
      if (!well) failed += Date.now() - begun;
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return failed;
    },
  };
}
