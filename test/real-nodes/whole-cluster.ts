import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Provider } from '../../model/spec.js';
import type { PortalJob } from '../support/portal.js';
import { useService, type UsedService } from '../support/use-service.js';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { startProbe } from './probe.js';
import { RealCluster, realRequest, tracesOfHosts, type RealHost } from './real-cluster.js';

/** A shell that is in every host's image store, with curl. */
const shell = 'sandbox.clusterwright.io/network:1';

/** A pod that runs a command in a shell. */
export function pod(name: string, command: string, { spec = {}, container = {} }: { spec?: object; container?: object } = {}): object {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'shell', image: shell, imagePullPolicy: 'Never', command: ['sh', '-c', command], ...container }], ...spec },
  };
}

/** What a cloud has of its own in these tests. */
export interface CloudOfNodes {
  readonly provider: Provider;
  /** Arguments of curl that get something out of the metadata service, from where one may. */
  readonly metadata: readonly string[];
  /** Told how many seconds there were from the first machine to all nodes Ready. */
  ready?(seconds: number): void;
  /** Further tests on the running cluster. */
  more?(ground: Ground): void;
}

/** A cluster that runs beneath tests. */
export interface Ground extends UsedService {
  readonly cluster: RealCluster;
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('there is none');
  return first;
}

/** The tests of one whole cluster of real nodes, from its request to its deletion: each goes on where the one before has left it. */
export function wholeCluster({ provider, metadata, ready, more }: CloudOfNodes): void {
  // Where nothing may be skipped, set-up has failed already on a machine that cannot have hosts.
  describe.skipIf(whyNoHosts() !== undefined)(`a cluster of real nodes on ${provider}`, () => {
    const used = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
    const { service, portal } = used;
    const cluster = new RealCluster(service, 'real');
    const groups = [1, 2, 3, 4].map((number) => `11111111-aaaa-4aaa-8aaa-00000000000${number}`);
    const [admins = '', operators = '', developers = '', viewers = ''] = groups;
    const request = { ...realRequest('real', provider), access: { entra: { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222' }, groups: [
      { id: admins, role: 'admin' }, { id: operators, role: 'operator' }, { id: developers, role: 'developer', namespaces: ['payments'] }, { id: viewers, role: 'viewer', namespaces: ['payments'] },
    ] } };
    let created: PortalJob;
    let controlPlanes: RealHost[] = [];
    let workers: RealHost[] = [];
    const look = async (): Promise<void> => void ({ controlPlanes, workers } = await cluster.hosts());
    const isHealthy = (host: RealHost): Promise<boolean> => cluster.etcdctl(host, 'endpoint', 'health', '--cluster').then((told) => told.trim().split('\n').length === 3, () => false);

    const inCaller = (...args: string[]): Promise<string> => cluster.kubectl(['--namespace', 'reach', 'exec', 'caller', '--', ...args]);
    const fetchWeb = (): Promise<string> => inCaller('curl', '--silent', '--max-time', '2', 'http://web.reach.svc.cluster.local').catch(String);

    beforeAll(async () => {
      created = await portal.change('POST', '/clusters', request);
      if (created.state !== 'succeeded') return;
      await look();
      ready?.(await cluster.secondsToReady());
    }, 600_000);

    it('becomes ready: three control planes and two workers, static pods, CoreDNS and three members of etcd', async () => {
      expect(created.error).toBeNull();
      expect(await portal.cluster('real')).toMatchObject({ state: 'ready', nodes: { controlPlane: 3, workers: 2 } });
      expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
      const pods = await cluster.lines('pods', '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}', '--namespace', 'kube-system');
      expect(pods.filter((line) => !line.endsWith(' True'))).toEqual([]);
      const names = await cluster.lines('nodes', '{.metadata.name}', '--selector', 'node-role.kubernetes.io/control-plane');
      for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) for (const name of names) expect(pods).toContain(`${component}-${name} True`);
      expect(pods.filter((line) => line.startsWith('coredns-'))).toHaveLength(2);
      expect(await isHealthy(only(controlPlanes))).toBe(true);
    });

    it('lists what it could not have as skipped or as stood in for, never as installed', async () => {
      const { addons } = z.object({ addons: z.array(z.object({ name: z.string(), state: z.string() })) }).parse(await portal.cluster('real'));
      expect(addons.find(({ name }) => name === 'cilium')?.state).toBe('stand-in');
      expect(addons.find(({ name }) => name === 'velero')?.state).toBe('skipped');
      expect(addons.filter(({ state }) => state === 'deployed')).toEqual([]);
    });

    it('has pods reach a Service on another worker by its name, and the metadata service not at all', async () => {
      const [one, other] = await cluster.lines('nodes', '{.metadata.name}', '--selector', '!node-role.kubernetes.io/control-plane');
      const web = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } };
      const items = [
        pod('web', 'mkdir /www; echo from the other worker > /www/index.html; busybox httpd -f -p 8080 -h /www', { spec: { nodeName: one } }), pod('caller', 'sleep 3600', { spec: { nodeName: other } }), web,
      ];
      await cluster.kubectl(['create', 'namespace', 'reach']);
      await cluster.kubectl(['--namespace', 'reach', 'apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      await cluster.kubectl(['--namespace', 'reach', 'wait', '--for', 'condition=Ready', 'pod', '--all', '--timeout', '60s', '--request-timeout', '70s']);

      // Rules for a new Service take a moment to reach every node.
      await expect.poll(fetchWeb, { timeout: 20_000 }).toBe('from the other worker\n');
      const ask = ['curl', '--silent', '--fail', '--max-time', '3', ...metadata];
      await expect(inCaller(...ask)).rejects.toThrow();
      expect(await cluster.inside(only(workers), ...ask)).not.toBe('');
    });

    it('closes etcd and the controllers of control planes to workers, and leaves the API server open', async () => {
      for (const { address } of controlPlanes) {
        const open = await Promise.all([2379, 2380, 10257, 10259, 6443].map(async (port) => ((await cluster.connects(only(workers), address, port)) ? [port] : [])));
        expect({ address, open: open.flat() }).toEqual({ address, open: [6443] });
      }
    });

    it('keeps secrets unreadable in etcd, writes down who asked, and has kubelets with certificates of the cluster', async () => {
      await cluster.kubectl(['create', 'secret', 'generic', 'planted', '--from-literal', 'word=a-planted-secret']);
      const stored = await cluster.etcdctl(only(controlPlanes), 'get', '/registry/secrets/default/planted');
      expect(stored).toContain('k8s:enc:');
      expect(stored).not.toContain('a-planted-secret');
      const logs = await Promise.all(controlPlanes.map((host) => cluster.inside(host, 'bash', '-c', 'cat /var/log/kubernetes/audit/audit.log')));
      expect(logs.some((log) => log.includes('"name":"planted"') && log.includes('"verb":"create"'))).toBe(true);
      expect(logs.every((log) => !log.includes('a-planted-secret'))).toBe(true);
      for (const host of [...controlPlanes, ...workers]) expect(await cluster.inside(host, 'openssl', 'verify', '-CAfile', '/etc/kubernetes/pki/ca.crt', '/var/lib/kubelet/pki/kubelet-server-current.pem')).toContain('OK');
    });

    it('refuses a privileged pod where the namespace is restricted', async () => {
      const privileged = pod('privileged', 'true', { container: { securityContext: { privileged: true } } });
      await expect(cluster.kubectl(['--namespace', 'payments', 'apply', '--filename', '-'], JSON.stringify(privileged))).rejects.toThrow(/violates PodSecurity "restricted/);
    });

    it('lets people in by the groups in their tokens, and nobody else', async () => {
      const may = (token: string, ...args: string[]): Promise<string> => cluster.kubectlWith(token, ['auth', 'can-i', ...args]).then((told) => told.trim(), (error: unknown) => (/Unauthorized|must be logged in/.test(String(error)) ? '401' : 'no'));
      const person = (user: string, about: object = {}): Promise<string> => cluster.entraToken({ tenant: request.access.entra.tenantId, audience: request.access.entra.clientId, user: `${user}@sandbox.example`, ...about });
      expect(await may(await person('admin'), 'delete', 'nodes')).toBe('yes');
      expect(await may(await person('operator'), 'delete', 'pods', '--namespace', 'payments')).toBe('yes');
      expect(await may(await person('operator'), 'get', 'secrets', '--namespace', 'payments')).toBe('no');
      expect(await may(await person('developer'), 'create', 'deployments', '--namespace', 'payments')).toBe('yes');
      expect(await may(await person('developer'), 'create', 'deployments', '--namespace', 'default')).toBe('no');
      expect(await may(await person('viewer'), 'get', 'pods', '--namespace', 'payments')).toBe('yes');
      expect(await may(await person('viewer'), 'create', 'pods', '--namespace', 'payments')).toBe('no');
      expect(await may(await person('nobody'), 'get', 'pods', '--namespace', 'payments')).toBe('no');
      expect(await may(await person('many-groups'), 'get', 'pods')).toBe('401');
      expect(await may(await person('admin', { audience: '99999999-9999-4999-8999-999999999999' }), 'get', 'pods')).toBe('401');
      expect(await may(await person('admin', { tenant: '99999999-1111-4111-8111-111111111111' }), 'get', 'pods')).toBe('401');
    });

    it('saves etcd to the object store, and comes back from it with what was deleted since', async () => {
      await cluster.kubectl(['create', 'namespace', 'kept']);
      await cluster.kubectl(['--namespace', 'kept', 'create', 'configmap', 'what', '--from-literal', 'word=kept']);
      const first = only(controlPlanes);
      const tool = '/opt/clusterwright/etcd-restore.sh';
      // The schedule's own unit, at once.
      await cluster.inside(first, 'rm', '--force', '/var/lib/clusterwright/state/etcd-snapshot');
      await cluster.inside(first, 'systemctl', 'start', 'clusterwright-task@etcd-snapshot.service');
      const key = (await cluster.inside(first, tool, 'list')).trim().split('\n').at(-1) ?? '';
      expect(key).toMatch(/^etcd\//);
      await cluster.kubectl(['delete', 'namespace', 'kept', '--wait', '--timeout', '60s', '--request-timeout', '70s']);

      await Promise.all(controlPlanes.map((host) => cluster.inside(host, tool, 'stop')));
      await Promise.all(controlPlanes.map((host) => cluster.inside(host, tool, 'restore', key)));
      await Promise.all(controlPlanes.map((host) => cluster.inside(host, tool, 'start-etcd')));
      await Promise.all(controlPlanes.map((host) => cluster.inside(host, tool, 'start')));

      await expect.poll(() => cluster.lines('configmaps', '{.data.word}', '--namespace', 'kept', '--field-selector', 'metadata.name=what').catch(String), { timeout: 60_000 }).toEqual(['kept']);
      expect(await isHealthy(first)).toBe(true);
    });

    it('answers through the load balancer while the control plane that leads etcd dies, and has it back by switching it on', async () => {
      const statuses = await Promise.all(controlPlanes.map(async (host) => ({ host, status: await cluster.etcdctl(host, 'endpoint', 'status', '--write-out', 'json') })));
      const { host: victim } = only(statuses.filter(({ status }) => {
        const { Status: { header, leader } } = only(z.array(z.object({ Status: z.object({ header: z.object({ member_id: z.number() }), leader: z.number() }) })).parse(JSON.parse(status)));
        return header.member_id === leader;
      }));
      const probe = await startProbe(await cluster.adminFile());
      await wait(1_000);
      await cluster.power(victim, false);
      await wait(10_000);
      expect(await probe.stop()).toBeLessThanOrEqual(3_000);
      const later = await startProbe(await cluster.adminFile());
      await wait(5_000);
      expect(await later.stop()).toBe(0);

      await cluster.power(victim, true);
      await expect.poll(async () => {
        await look();
        return isHealthy(only(controlPlanes));
      }, { timeout: 120_000 }).toBe(true);
    });

    it('stops with two of three control planes gone, and is back with them, nothing lost', async () => {
      await cluster.kubectl(['create', 'configmap', 'before', '--from-literal', 'word=before']);
      const [one, two] = controlPlanes;
      for (const host of [one, two]) if (host !== undefined) await cluster.power(host, false);
      await expect.poll(() => cluster.kubectl(['get', 'configmap', 'before']).then(() => 'answers', () => 'stopped'), { timeout: 60_000 }).toBe('stopped');
      for (const host of [one, two]) if (host !== undefined) await cluster.power(host, true);
      await expect.poll(() => cluster.lines('configmaps', '{.data.word}', '--field-selector', 'metadata.name=before').catch(String), { timeout: 120_000 }).toEqual(['before']);
      await look();
    });

    it('has pods reach Services by name as before, after all that', async () => {
      await expect.poll(fetchWeb, { timeout: 120_000, interval: 1_000 }).toBe('from the other worker\n');
    });

    it('gets a third worker by a change of its pool, and gives it back', async () => {
      const pool = (minNodes: number): object => ({ nodePools: [{ ...only(z.array(z.looseObject({})).parse(request['nodePools' as keyof typeof request])), minNodes }] });
      expect((await portal.change('PATCH', '/clusters/real', pool(3))).error).toBeNull();
      expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(6).fill('True'));
      expect((await portal.change('PATCH', '/clusters/real', pool(2))).error).toBeNull();
      await expect.poll(() => cluster.lines('nodes', '{.metadata.name}'), { timeout: 60_000 }).toHaveLength(5);
    });

    more?.({ ...used, cluster });

    it('leaves nothing on this machine when it is deleted', async () => {
      const deleted = await portal.change('DELETE', '/clusters/real?retain=none');
      expect(deleted.error).toBeNull();
      expect(deleted.receipt?.leftovers).toEqual([]);
      await expect.poll(() => tracesOfHosts(service.home), { timeout: 30_000 }).toEqual([]);
      for (const folder of ['machines', 'disks']) expect(await readdir(path.join(service.home, 'sandbox/hosts', folder))).toEqual([]);
    });
  });
}
