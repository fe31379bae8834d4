import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { workerOf } from '../../chaos/processes.js';
import { clusterOf, KubernetesCaller } from '../../support/kubernetes.js';
import { shortRequest, type PortalJob } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const nodesSchema = z.object({ items: z.array(z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string(), labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.object({ providerID: z.string(), unschedulable: z.boolean().optional() }),
})) });
type Node = z.infer<typeof nodesSchema>['items'][number];

/** What the clouds call the same things. */
const clouds = {
  aws: {
    machineType: 't3.large', machine: 'aws:ec2/instance:Instance', group: 'aws:autoscaling/group:Group', termination: 'autoscaling:TerminateInstanceInAutoScalingGroup',
    capacity: (count: number): object => ({ desiredCapacity: count }),
  },
  azure: {
    machineType: 'Standard_B2ms', machine: 'azure-native:compute:VirtualMachineScaleSetVM', group: 'azure-native:compute:VirtualMachineScaleSet', termination: 'management:DELETE',
    capacity: (count: number): object => ({ sku: { name: 'Standard_B2ms', tier: 'Standard', capacity: count } }),
  },
};

/** What becomes of a pool's machines and nodes when its bounds change, tried on one cloud. To be called in a `describe` of its own. */
export function poolSizes(provider: keyof typeof clouds): void {
  // Six seconds for a drain that does not come to its end.
  const { service, portal } = useService({ CLUSTERWRIGHT_DRAIN_MINUTES: '0.1' });
  const cloud = clouds[provider];
  const bounds = (minNodes: number, maxNodes: number): object => ({ nodePools: [{ name: 'general', machineType: cloud.machineType, minNodes, maxNodes }] });
  const path = '/clusters/sized';
  let caller: KubernetesCaller;

  beforeAll(async () => {
    expect(await portal.change('POST', '/clusters', { ...shortRequest('sized'), provider, ...bounds(2, 5) })).toMatchObject({ state: 'succeeded', error: null });
    caller = await KubernetesCaller.open(service, await clusterOf(portal, 'sized'));
  });
  afterAll(() => caller.close());

  const machines = async (): Promise<string[]> => (await portal.inventory('sized')).items.filter(({ type, resource }) => type === cloud.machine && resource === 'pool-general').map(({ id }) => id).sort();
  /** The pool's nodes, the newest last. */
  const nodes = async (): Promise<Node[]> => nodesSchema.parse(await caller.call('GET', '/api/v1/nodes')).items
    .filter(({ metadata }) => metadata.labels['clusterwright.io/pool'] === 'general').sort((one, other) => one.metadata.creationTimestamp.localeCompare(other.metadata.creationTimestamp));
  const names = (list: readonly Node[]): string[] => list.map(({ metadata }) => metadata.name);
  const newest = async (): Promise<Node> => {
    const found = (await nodes()).at(-1);
    if (found === undefined) throw new Error('there are no nodes');
    return found;
  };
  const on = (all: readonly string[], { spec }: Node): string[] => all.filter((id) => spec.providerID.toLowerCase().endsWith(id.toLowerCase()));
  const told = async ({ id }: Pick<PortalJob, 'id'>): Promise<string[]> => (await portal.allEvents(id)).flatMap(({ event }) => (event.type === 'message' ? String(event['text']) : []));
  const pods = '/api/v1/namespaces/default/pods';
  const makePod = (name: string, nodeName: string, metadata: object = {}): Promise<unknown> =>
    caller.call('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name }, ...metadata }, spec: { nodeName, containers: [{ name: 'main', image: 'example/web:1' }] } });
  const podNames = async (): Promise<string[]> => z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(await caller.call('GET', pods)).items.map(({ metadata }) => metadata.name);
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';

  it('gets the machines that a raised smallest number asks for', async () => {
    const before = await machines();
    expect(before).toHaveLength(2);

    const job = await portal.change('PATCH', path, bounds(3, 5));

    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(await machines()).toEqual(expect.arrayContaining(before));
    expect(await nodes()).toHaveLength(3);
    expect(await told(job)).toContain('Pool general: 3 machines instead of 2.');
  });

  it('keeps its machines where a disruption budget lets no pod go, and loses that very one when it does', async () => {
    const [before, nodesBefore, going] = [await machines(), await nodes(), await newest()];
    const { name } = going.metadata;
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: '00000000-0000-4000-8000-000000000000', controller: true };
    await makePod('held', name);
    await makePod('loose', name);
    await makePod('agent', name, { ownerReferences: [owner] });
    await makePod('elsewhere', names(nodesBefore)[0] ?? '');
    await caller.call('POST', budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'held' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'held' } } } });

    const failed = await portal.change('PATCH', path, bounds(2, 5));

    expect(failed).toMatchObject({ state: 'failed', error: { code: 'node-not-drained', resource: name } });
    expect(failed.error?.detail).toContain('default/held');
    expect(await machines()).toEqual(before);
    const open = await newest();
    expect([open.metadata.name, open.spec.unschedulable ?? false, open.metadata.annotations ?? {}]).toEqual([name, false, {}]);
    expect(await podNames()).toEqual(['agent', 'elsewhere', 'held']);

    await caller.call('DELETE', `${budgets}/held`);
    const retried = await portal.change('POST', `/jobs/${failed.id}/retry`);

    expect(retried).toMatchObject({ state: 'succeeded', error: null });
    expect(await machines()).toEqual(before.filter((id) => !on(before, going).includes(id)));
    expect(await machines()).toHaveLength(2);
    expect(names(await nodes())).toEqual(names(nodesBefore).filter((other) => other !== name));
    expect(await podNames()).toEqual(expect.not.arrayContaining(['held']));
    expect(await told(retried)).toEqual(expect.arrayContaining([`Pool general: draining ${name} before its machine is ended.`, 'Pool general: 2 machines instead of 3.']));
  });

  it('keeps what the autoscaler has added, until its largest number is lowered below that', async () => {
    const group = (await portal.inventory('sized')).items.find(({ type }) => type === cloud.group);
    await portal.mutate(group?.id ?? '', cloud.capacity(4));
    await until(async () => (await nodes()).length === 4);
    const before = await machines();

    expect(await portal.change('PATCH', path, bounds(2, 4))).toMatchObject({ state: 'succeeded', error: null });
    expect(await machines()).toEqual(before);

    const nodesBefore = await nodes();
    const job = await portal.change('PATCH', path, bounds(2, 3));

    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const drained = (await told(job)).flatMap((text) => /draining (\S+)/.exec(text)?.[1] ?? []);
    expect(drained).toHaveLength(1);
    const [gone] = nodesBefore.filter(({ metadata }) => metadata.name === drained[0]);
    expect(await machines()).toEqual(before.filter((id) => gone === undefined || !on(before, gone).includes(id)));
    expect(await machines()).toHaveLength(3);
    expect(names(await nodes())).toEqual(names(nodesBefore).filter((name) => name !== drained[0]));
  });

  it('loses no second machine where the worker dies after the first has been ended', async () => {
    await portal.plantFault({ type: cloud.termination, operation: 'invoke', kind: 'lose-answer', times: 1, seconds: 60 });
    const before = await machines();
    const id = await portal.submit('PATCH', path, bounds(2, 2));
    await until(async () => (await machines()).length === 2, 120_000);

    process.kill(await workerOf(service.process), 'SIGKILL');

    expect(await portal.ended(id)).toMatchObject({ state: 'succeeded', error: null, attempt: 2 });
    expect(await machines()).toHaveLength(2);
    expect(before).toEqual(expect.arrayContaining(await machines()));
    expect((await nodes()).filter(({ spec, metadata }) => spec.unschedulable === true || metadata.annotations !== undefined)).toEqual([]);
    expect(await nodes()).toHaveLength(2);
  });

  it('has in the state what the cloud has', async () => {
    expect(await portal.change('PATCH', `${path}?dryRun=true`, bounds(2, 2))).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0 } });
    expect(await portal.change('DELETE', `${path}?retain=none`)).toMatchObject({ state: 'succeeded', error: null, receipt: { leftovers: [] } });
  });
}
