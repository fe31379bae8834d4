import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Provider } from '../../model/spec.js';
import type { PortalJob } from '../support/portal.js';
import { useService } from '../support/use-service.js';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { access } from './access.js';
import { fileModes } from './file-modes.js';
import type { Ground } from './ground.js';
import { nodePorts } from './node-ports.js';
import { pod } from './pod.js';
import { RealCluster, realRequest, tracesOfHosts } from './real-cluster.js';
import { hostsUserData } from './user-data.js';

/** What a cloud has of its own in these tests. */
export interface CloudOfNodes {
  readonly provider: Provider;
  /** Arguments of curl that get something out of the metadata service, from where one may. */
  readonly metadata: readonly string[];
  /** Told how many seconds there were from the first machine to all nodes Ready. */
  readonly ready?: (seconds: number) => void;
  /** Further tests on the running cluster. */
  readonly more?: (ground: Ground) => void;
}

/** The tests of one whole cluster of real nodes, from its request to its deletion: each goes on where the one before has left it. */
export function wholeCluster({ provider, metadata, ready, more }: CloudOfNodes): void {
  // Where nothing may be skipped, set-up has failed already on a machine that cannot have hosts.
  describe.skipIf(whyNoHosts() !== undefined)(`a cluster of real nodes on ${provider}`, () => {
    const used = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
    const { service, portal } = used;
    const cluster = new RealCluster(service, 'real');
    let created: PortalJob;
    const inCaller = (...args: string[]): Promise<string> => cluster.kubectl(['--namespace', 'reach', 'exec', 'caller', '--', ...args]);
    const fetchWeb = (): Promise<string> => inCaller('curl', '--silent', '--max-time', '2', 'http://web.reach.svc.cluster.local').catch(String);

    beforeAll(async () => {
      created = await portal.change('POST', '/clusters', realRequest('real', provider));
      if (created.state !== 'succeeded') return;
      await cluster.look();
      ready?.(await cluster.secondsToReady());
    }, 600_000);

    it('becomes ready: three control planes and two workers, static pods, CoreDNS and three members of etcd', async () => {
      expect(created.error).toBeNull();
      expect(await portal.cluster('real')).toMatchObject({ state: 'ready', nodes: { controlPlane: 3, workers: 2 } });
      expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
      const podsOfSystem = (): Promise<string[]> => cluster.lines('pods', '{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}', '--namespace', 'kube-system');
      // A new kubelet refuses pods until it knows the services, and tries them again after ten seconds or more.
      await expect.poll(async () => (await podsOfSystem()).filter((line) => !line.endsWith(' True')), { timeout: 60_000 }).toEqual([]);
      const pods = await podsOfSystem();
      const names = await cluster.lines('nodes', '{.metadata.name}', '--selector', 'node-role.kubernetes.io/control-plane');
      for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) for (const name of names) expect(pods).toContain(`${component}-${name} True`);
      expect(pods.filter((line) => line.startsWith('coredns-'))).toHaveLength(2);
      expect(await cluster.hasHealthyEtcd()).toBe(true);
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
      expect(await cluster.inside(cluster.worker, ...ask)).not.toBe('');
    });

    it('closes etcd and the controllers of control planes to workers, and leaves the API server open', async () => {
      for (const { address } of cluster.controlPlanes) {
        const open = await Promise.all([2379, 2380, 10257, 10259, 6443].map(async (port) => ((await cluster.connects(cluster.worker, address, port)) ? [port] : [])));
        expect({ address, open: open.flat() }).toEqual({ address, open: [6443] });
      }
    });

    const ground = { ...used, cluster, provider };
    hostsUserData(ground);
    nodePorts(ground);
    fileModes(ground);
    access(ground);
    more?.(ground);

    it('has pods reach Services by name as before, after all that', async () => {
      await expect.poll(fetchWeb, { timeout: 120_000, interval: 1_000 }).toBe('from the other worker\n');
    });

    it('leaves nothing on this machine when it is deleted', async () => {
      const deleted = await portal.change('DELETE', '/clusters/real?retain=none');
      expect(deleted.error).toBeNull();
      expect(deleted.receipt?.leftovers).toEqual([]);
      await expect.poll(() => tracesOfHosts(service.home), { timeout: 30_000 }).toEqual([]);
      for (const folder of ['machines', 'disks']) expect(await readdir(path.join(service.home, 'sandbox/hosts', folder))).toEqual([]);
    });
  });
}
