import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { kubernetesReleases } from '../../../model/spec.js';
import { workerOf } from '../../chaos/processes.js';
import { clusterOf, KubernetesCaller } from '../../support/kubernetes.js';
import { shortRequest, type PortalJob } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const nodesSchema = z.object({ items: z.array(z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({ unschedulable: z.boolean().optional() }),
  status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string() }) }),
})) });

const clouds = {
  aws: { machineType: 't3.large', machines: ['aws:ec2/instance:Instance'], turnedAwayBy: ['aws:lb/targetGroupAttachment:TargetGroupAttachment', 'delete'] },
  azure: { machineType: 'Standard_B2ms', machines: ['azure-native:compute:VirtualMachine', 'azure-native:compute:VirtualMachineScaleSetVM'], turnedAwayBy: ['azure-native:network:NetworkInterface', 'update'] },
};

/** An upgrade of simulated nodes in place, tried on one cloud. To be called in a `describe` of its own. */
export function upgradeInPlace(provider: keyof typeof clouds): void {
  const { service, portal } = useService();
  const { machineType, machines: types, turnedAwayBy: [changed, how] } = clouds[provider];
  const path = '/clusters/staying';
  let caller: KubernetesCaller;
  const pool = (minNodes: number): object => ({ nodePools: [{ name: 'general', machineType, minNodes, maxNodes: 2 }] });

  beforeAll(async () => {
    const request = { ...shortRequest('staying'), provider, kubernetesVersion: '1.34', controlPlane: { replicas: 3 }, ...pool(1) };
    expect(await portal.change('POST', '/clusters', request)).toMatchObject({ state: 'succeeded', error: null });
    caller = await KubernetesCaller.open(service, await clusterOf(portal, 'staying'));
  });
  afterAll(() => caller.close());

  const nodes = async () => nodesSchema.parse(await caller.call('GET', '/api/v1/nodes')).items;
  const releases = async (): Promise<string[]> => (await nodes()).map(({ status }) => status.nodeInfo.kubeletVersion).sort();
  const machines = async (): Promise<string[]> => (await portal.inventory('staying')).items.filter(({ type }) => types.includes(type)).map(({ id }) => id).sort();
  const told = async ({ id }: Pick<PortalJob, 'id'>): Promise<string[]> => (await portal.allEvents(id)).flatMap(({ event }) => (event.type === 'message' ? String(event['text']) : []));
  const inPlace = { kubernetesVersion: '1.35', inPlace: true };
  const [before, after] = [kubernetesReleases['1.34'], kubernetesReleases['1.35']].map((release) => `v${release}`) as [string, string];

  it('is told by a dry run, which changes nothing', async () => {
    const job = await portal.change('POST', `${path}/upgrade?dryRun=true`, inPlace);
    expect(job).toMatchObject({ kind: 'preview', state: 'succeeded', error: null, plan: { replace: 0 } });
    expect((await told(job)).find((text) => text.startsWith('To be upgraded in place'))).toContain((await nodes())[0]?.metadata.name);
    expect(await releases()).toEqual(Array.from({ length: 4 }, () => before));
  });

  it('leaves every machine, and is taken over by another worker', async () => {
    const there = await machines();
    const id = await portal.submit('POST', `${path}/upgrade`, inPlace);
    const upgraded = async (): Promise<string[]> => (await told({ id })).filter((text) => text.includes('was upgraded in place'));
    await until(async () => (await upgraded()).length === 1, 300_000);
    process.kill(await workerOf(service.process), 'SIGKILL');
    const job = await portal.ended(id);

    expect(job).toMatchObject({ kind: 'upgrade', state: 'succeeded', attempt: 2, error: null });
    expect(await upgraded()).toHaveLength(4);
    const events = (await portal.allEvents(id)).flatMap(({ event }) => (event.type === 'resource' && event['resourceType'] === changed && event['op'] === how ? /cp-\d/.exec(String(event['name']))?.[0] ?? [] : []));
    expect([...new Set(events)].sort()).toEqual(['cp-1', 'cp-2', 'cp-3']);
    expect(await releases()).toEqual(Array.from({ length: 4 }, () => after));
    expect(await machines()).toEqual(there);
    for (const { spec, metadata } of await nodes()) expect([spec.unschedulable, Object.keys(metadata.annotations).filter((name) => name.startsWith('clusterwright.io'))]).toEqual([undefined, []]);
    expect(await portal.cluster('staying')).toMatchObject({ state: 'ready', spec: { kubernetesVersion: '1.35' } });
  });

  it('has in the state what the cloud has, and what is made later is of the new minor', async () => {
    expect(await portal.change('PATCH', `${path}?dryRun=true`, {})).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0 } });
    const there = await machines();
    expect(await portal.change('PATCH', path, pool(2))).toMatchObject({ state: 'succeeded', error: null });
    await until(async () => (await releases()).length === 5, 60_000);
    expect(await releases()).toEqual(Array.from({ length: 5 }, () => after));
    expect(await machines()).toEqual(expect.arrayContaining(there));
    expect(await portal.change('DELETE', `${path}?retain=none`)).toMatchObject({ state: 'succeeded', error: null, receipt: { leftovers: [] } });
  });
}
