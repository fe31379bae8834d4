import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RealCluster, realPool, type RealHost } from '../real-nodes/real-cluster.js';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { until } from '../support/until.js';
import { useService } from '../support/use-service.js';
import { bareRequest } from './web-application.js';

const conditionsSchema = z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() })) });
const jobsSchema = z.object({ items: z.array(z.object({ id: z.string(), kind: z.string(), requestedBy: z.string(), state: z.string() })) });

/** The aim for one machine, in milliseconds. */
const aimMs = 180_000;

describe.skipIf(whyNoHosts() !== undefined)('machines of real nodes on aws that are not well', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(service, 'sick');

  beforeAll(async () => {
    const request = { ...bareRequest('sick', 'aws'), nodePools: [realPool('aws', 4, 5)], nodeHealth: { replace: true, unhealthyAfterSeconds: 30 } };
    expect(await portal.change('POST', '/clusters', request)).toMatchObject({ state: 'succeeded', error: null });
    await cluster.look();
  }, 30 * 60_000);

  /** Ids of the machines whose nodes are Ready. */
  const ready = async (): Promise<string[]> => {
    const nodes = await cluster.lines('nodes', '{.spec.providerID} {.status.conditions[?(@.type=="Ready")].status}').catch(() => []);
    return nodes.filter((line) => line.endsWith(' True')).map((line) => line.split(' ')[0]?.split('/').at(-1) ?? '');
  };
  const repairs = async () => jobsSchema.parse(await (await portal.send('GET', '/clusters/sick/jobs')).json()).items.filter(({ kind, requestedBy }) => kind === 'repair' && requestedBy === 'clusterwright');
  const condition = async () => conditionsSchema.parse(await portal.cluster('sick')).conditions.find(({ type }) => type === 'NodeReplacement');

  /** Milliseconds until all seven machines are Ready again, without this one. */
  const replaced = async ({ id }: RealHost, what: string, begun: number): Promise<number> => {
    await until(async () => {
      const machines = await ready();
      return machines.length === 7 && !machines.includes(id);
    }, 10 * 60_000);
    const ms = Date.now() - begun;
    process.stderr.write(`${what}: all nodes Ready again after ${(ms / 1000).toFixed(0)} s\n`);
    return ms;
  };
  const settled = async (): Promise<void> => {
    for (const { id } of await repairs()) expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', error: null });
    await cluster.look();
  };

  it('has a control plane whose machine was killed back in under three minutes, as a member of etcd', async () => {
    const victim = cluster.controlPlane;
    const begun = Date.now();
    await cluster.terminate(victim);

    expect(await replaced(victim, 'a control plane that was terminated', begun)).toBeLessThan(aimMs);
    await settled();
    expect(await repairs()).toHaveLength(1);
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  });

  it('has a worker whose machine was killed back in under three minutes', async () => {
    const victim = cluster.worker;
    const begun = Date.now();
    await cluster.terminate(victim);

    expect(await replaced(victim, 'a worker that was terminated', begun)).toBeLessThan(aimMs);
    await settled();
  });

  it('has a worker replaced that is dead without its cloud knowing', async () => {
    const victim = cluster.worker;
    const before = (await repairs()).length;
    const begun = Date.now();
    await cluster.power(victim, false);

    await replaced(victim, 'a worker without power, 30 s being allowed', begun);
    await settled();
    expect(await repairs()).toHaveLength(before + 1);
  });

  it('replaces nothing when half of a pool dies, says so, and goes on when it is back', async () => {
    const before = await ready();
    const count = (await repairs()).length;
    const victims = cluster.workers.slice(0, 2);
    for (const victim of victims) await cluster.power(victim, false);

    await until(async () => (await condition())?.status === 'False', 5 * 60_000);

    expect(await condition()).toMatchObject({ reason: 'TooManyUnhealthy', message: expect.stringContaining('2 of 4') as string });
    expect(await (await portal.send('GET', '/metrics')).text()).toMatch(/^clusterwright_replacement_stopped\{reason="TooManyUnhealthy"\} 1$/m);
    await wait(90_000);
    expect(await repairs()).toHaveLength(count);
    for (const victim of victims) await cluster.power(victim, true);
    await until(async () => (await ready()).length === 7, 5 * 60_000);
    expect((await ready()).sort()).toEqual(before.sort());
    await until(async () => (await condition())?.status === 'True', 3 * 60_000);
    expect(await repairs()).toHaveLength(count);
  });
});
