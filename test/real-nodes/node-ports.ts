import { expect, it } from 'vitest';
import type { Ground } from './ground.js';

/** Addresses that no machine has: of the cluster's network, as a load balancer of a Service has one, and of the network that it is peered with. */
const [balancer, neighbour] = ['10.20.255.250', '10.1.255.250'];

/** Whom the packet filter lets to Services' ports on machines. Needs the pod `web` of the namespace `reach`. */
export function nodePorts({ cluster }: Ground): void {
  it('opens Services\' ports on workers to load balancers, and to no machine and no neighbour', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web-port' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } };
    await cluster.kubectl(['--namespace', 'reach', 'apply', '--filename', '-'], JSON.stringify(service));
    const port = Number(await cluster.kubectl(['--namespace', 'reach', 'get', 'service', 'web-port', '--output', 'jsonpath={.spec.ports[0].nodePort}']));
    const fetchFrom = (source: string, address: string): Promise<string> => cluster.inNetwork('curl', '--silent', '--max-time', '2', '--interface', source, `http://${address}:${port}`).catch(() => 'closed');
    const all = [...cluster.controlPlanes, ...cluster.workers];
    for (const address of [balancer, neighbour]) await cluster.inNetwork('ip', 'address', 'replace', `${address}/32`, 'dev', 'lo');

    try {
      for (const { address } of cluster.workers) await expect.poll(() => fetchFrom(balancer, address), { timeout: 20_000 }).toBe('from the other worker\n');
      expect(await Promise.all(cluster.controlPlanes.map(({ address }) => fetchFrom(balancer, address)))).toEqual(cluster.controlPlanes.map(() => 'closed'));
      expect(await Promise.all(all.map(({ address }) => fetchFrom(neighbour, address)))).toEqual(all.map(() => 'closed'));
      const reached = await Promise.all(all.flatMap((from) => all.map(async (to) => ((await cluster.connects(from, to.address, port)) ? [`${from.name} to ${to.name}`] : []))));
      // A machine's way to itself passes no filter: the ports are open there.
      expect(reached.flat().sort()).toEqual(all.map(({ name }) => `${name} to ${name}`).sort());
    } finally {
      for (const address of [balancer, neighbour]) await cluster.inNetwork('ip', 'address', 'delete', `${address}/32`, 'dev', 'lo');
    }
  });
}
