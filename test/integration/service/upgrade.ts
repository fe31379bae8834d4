import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { kubernetesReleases } from '../../../model/spec.js';
import { workerOf } from '../../chaos/processes.js';
import { clusterOf, KubernetesCaller } from '../../support/kubernetes.js';
import { shortRequest, type PortalJob } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const nodesSchema = z.object({ items: z.array(z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
  spec: z.object({ providerID: z.string(), unschedulable: z.boolean().optional() }),
  status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string() }) }),
})) });

const imagesSchema = z.object({ machineImages: z.object({ machines: z.array(z.object({ node: z.string(), behind: z.boolean() })) }) });

const clouds = {
  aws: { machineType: 't3.large', controlPlane: 'aws:ec2/instance:Instance', machine: 'aws:ec2/instance:Instance', disk: 'aws:ebs/volume:Volume' },
  azure: { machineType: 'Standard_B2ms', controlPlane: 'azure-native:compute:VirtualMachine', machine: 'azure-native:compute:VirtualMachineScaleSetVM', disk: 'azure-native:compute:Disk' },
};

/** An upgrade of simulated nodes, tried on one cloud. To be called in a `describe` of its own. */
export function upgrade(provider: keyof typeof clouds): void {
  // Six seconds for a drain that does not come to its end.
  const { service, portal } = useService({ CLUSTERWRIGHT_DRAIN_MINUTES: '0.1' });
  const cloud = clouds[provider];
  const path = '/clusters/aging';
  let caller: KubernetesCaller;

  beforeAll(async () => {
    const request = { ...shortRequest('aging'), provider, kubernetesVersion: '1.34', controlPlane: { replicas: 3 }, nodePools: [{ name: 'general', machineType: cloud.machineType, minNodes: 2, maxNodes: 2 }] };
    expect(await portal.change('POST', '/clusters', request)).toMatchObject({ state: 'succeeded', error: null });
    caller = await KubernetesCaller.open(service, await clusterOf(portal, 'aging'));
  });
  afterAll(() => caller.close());

  const ids = async (type: string, resource: RegExp): Promise<string[]> => (await portal.inventory('aging')).items.filter((item) => item.type === type && resource.test(item.resource ?? '')).map(({ id }) => id).sort();
  const controlPlanes = (): Promise<string[]> => ids(cloud.controlPlane, /^cp-\d$/);
  const workers = (): Promise<string[]> => ids(cloud.machine, /^pool-general$/);
  const nodes = async () => nodesSchema.parse(await caller.call('GET', '/api/v1/nodes')).items;
  const releases = async (): Promise<string[]> => (await nodes()).map(({ status }) => status.nodeInfo.kubeletVersion).sort();
  const told = async ({ id }: Pick<PortalJob, 'id'>): Promise<string[]> => (await portal.allEvents(id)).flatMap(({ event }) => (event.type === 'message' ? String(event['text']) : []));
  const to = (kubernetesVersion: string): object => ({ kubernetesVersion });
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const [before, after] = [kubernetesReleases['1.34'], kubernetesReleases['1.35']].map((release) => `v${release}`) as [string, string];

  it('refuses what is no version, a minor that is skipped, and the way back', async () => {
    for (const version of ['1.99', '1.36', '1.33']) {
      const answer = await portal.send('POST', `${path}/upgrade`, to(version));
      expect([answer.status, await answer.json()]).toMatchObject([422, { errors: [{ pointer: '/kubernetesVersion' }] }]);
    }
  });

  it('looks at what stands in the way without touching anything', async () => {
    const there = await controlPlanes();
    const job = await portal.change('POST', `${path}/upgrade?dryRun=true`, to('1.35'));

    expect(job).toMatchObject({ kind: 'preview', state: 'succeeded', error: null });
    expect(await (await portal.send('GET', `${path}/upgrade-readiness`)).json()).toMatchObject({ kubernetesVersion: '1.35', checks: expect.arrayContaining([expect.objectContaining({ check: 'nodes', state: 'ok' })]) as unknown });
    expect(await controlPlanes()).toEqual(there);
    expect(await portal.cluster('aging')).toMatchObject({ spec: { kubernetesVersion: '1.34' } });
  });

  it('is taken over by another worker, stops where a pod may not go, with the control planes new and everything well, and goes on when it may', async () => {
    const [planes, disks, machines] = [await controlPlanes(), await ids(cloud.disk, /^cp-\d-etcd$/), await workers()];
    const [held] = (await nodes()).filter(({ metadata }) => metadata.labels['clusterwright.io/pool'] === 'general');
    await caller.call('POST', '/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'held', labels: { app: 'held' } }, spec: { nodeName: held?.metadata.name, containers: [{ name: 'main', image: 'example/web:1' }] } });
    await caller.call('POST', budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'held' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'held' } } } });

    const id = await portal.submit('POST', `${path}/upgrade`, to('1.35'));
    const renewed = async (): Promise<string[]> => (await told({ id })).filter((text) => text.includes('cp-1 has a new machine'));
    await until(async () => (await renewed()).length === 1, 300_000);
    process.kill(await workerOf(service.process), 'SIGKILL');
    const failed = await portal.ended(id);

    expect(await renewed()).toHaveLength(1);
    expect(failed).toMatchObject({ kind: 'upgrade', state: 'failed', attempt: 2, phase: 'pool-rollout', error: { code: 'node-not-drained', resource: held?.metadata.name } });
    expect(await controlPlanes()).toHaveLength(3);
    if (provider === 'aws') expect((await controlPlanes()).filter((id) => planes.includes(id))).toEqual([]);
    expect(await ids(cloud.disk, /^cp-\d-etcd$/)).toEqual(disks);
    expect((await nodes()).filter(({ spec }) => spec.unschedulable === true)).toEqual([]);
    expect((await releases()).filter((release) => release === after).length).toBeGreaterThanOrEqual(4);

    // A change that is no upgrade leaves the minors as they are.
    expect(await portal.change('POST', `${path}/repair`)).toMatchObject({ state: 'succeeded', error: null });
    expect(await releases()).toContain(before);

    await caller.call('DELETE', `${budgets}/held`);
    const job = await portal.change('POST', `${path}/upgrade`, to('1.35'));

    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(await releases()).toEqual(Array.from({ length: 5 }, () => after));
    expect(await workers()).toHaveLength(2);
    expect((await workers()).filter((id) => machines.includes(id))).toEqual([]);
    expect((await told(job)).filter((text) => text.startsWith('Control plane'))).toEqual([]);
    expect(await portal.cluster('aging')).toMatchObject({ state: 'ready', spec: { kubernetesVersion: '1.35' } });
  });

  it('brings machines that are behind to an image that was published since, once', async () => {
    await fetch(`${service.control}/images`, { method: 'POST' });
    const [planes, machines] = [await controlPlanes(), await workers()];
    const current = { machineImages: 'current' };
    const preview = await portal.change('POST', `${path}/upgrade?dryRun=true`, current);
    expect(preview).toMatchObject({ kind: 'preview', state: 'succeeded', error: null, plan: { replace: 0, delete: 0 } });
    if (provider === 'aws') expect(preview.plan?.changes).toContainEqual(expect.objectContaining({ type: 'aws:ec2/launchTemplate:LaunchTemplate', op: 'update' }));
    const behind = async () => imagesSchema.parse(await (await portal.send('GET', `${path}/upgrade-readiness`)).json()).machineImages.machines.filter((machine) => machine.behind);
    expect(await behind()).toHaveLength(5);

    const id = await portal.submit('POST', `${path}/upgrade`, current);
    await until(async () => (await told({ id })).some((text) => text.includes('cp-1 has a new machine')), 300_000);
    process.kill(await workerOf(service.process), 'SIGKILL');
    const job = await portal.ended(id);

    expect(job).toMatchObject({ kind: 'upgrade', state: 'succeeded', attempt: 2, error: null });
    expect((await told(job)).filter((text) => text.includes('has a new machine'))).toHaveLength(3);
    if (provider === 'aws') expect((await controlPlanes()).filter((machine) => planes.includes(machine))).toEqual([]);
    expect((await workers()).filter((machine) => machines.includes(machine))).toEqual([]);
    expect([await controlPlanes(), await workers()]).toMatchObject([{ length: 3 }, { length: 2 }]);

    const now = [await controlPlanes(), await workers()];
    const again = await portal.change('POST', `${path}/upgrade`, current);
    expect(again).toMatchObject({ state: 'succeeded', error: null });
    expect(await told(again)).toContainEqual(expect.stringContaining('None has to be replaced.'));
    expect([await controlPlanes(), await workers()]).toEqual(now);
    expect(await behind()).toEqual([]);
  });

  it('has in the state what the cloud has', async () => {
    expect(await portal.change('PATCH', `${path}?dryRun=true`, {})).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0 } });
    expect(await portal.change('DELETE', `${path}?retain=none`)).toMatchObject({ state: 'succeeded', error: null, receipt: { leftovers: [] } });
  });
}
