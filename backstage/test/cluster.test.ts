import { DefaultNamespaceEntityPolicy, EntityPolicies, FieldFormatEntityPolicy, NoForeignRootFieldsEntityPolicy, resourceEntityV1alpha1Validator, SchemaValidEntityPolicy, type Entity } from '@backstage/catalog-model';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend, type Backend } from './backend';
import { request, serviceClient } from './clusterwright';
import { TaskStep } from './task';

const create = 'clusterwright:cluster:create';
const update = 'clusterwright:cluster:update';
const remove = 'clusterwright:cluster:delete';
const cluster = { ...request('checkout'), owner: 'group:default/payments', labels: { system: 'shop', component: 'basket' } };

/** One cluster's life, as a template's tasks make it. */
describe('a cluster of a template', () => {
  const client = serviceClient();
  const mutations: EntityProviderMutation[] = [];
  const creation = new TaskStep('task-create');
  let backstage: Backend;
  let jobId: string;

  beforeAll(async () => {
    backstage = await startBackend();
    await backstage.provider.connect({ applyMutation: async (mutation) => void mutations.push(mutation), refresh: async () => undefined });
  });
  afterAll(() => backstage.backend.stop());

  it('is planned in a dry run, which changes nothing', async () => {
    const task = new TaskStep('task-dry');

    const outputs = await task.run(backstage.actions.get(create), { cluster }, { isDryRun: true });

    expect(outputs).toMatchObject({ name: 'checkout', entityRef: 'resource:default/checkout', plan: { delete: 0, replace: 0 } });
    expect(task.lines.find((line) => line.startsWith('Plan: '))).toMatch(/^Plan: \d\d+ to create, 0 to update, 0 to replace, 0 to delete/);
    expect(task.lines.find((line) => line.startsWith('Cost: '))).toMatch(/^Cost: [\d.]+ USD a month.*, by list prices of \d{4}-\d\d-\d\d/);
    await expect(client.cluster('checkout')).rejects.toMatchObject({ code: 'cluster-not-found' });
  });

  it('has its job cancelled with the task', async () => {
    const running = creation.run(backstage.actions.get(create), { cluster });
    const failed = expect(running).rejects.toThrow('The task was cancelled');
    await creation.told('Provision the infrastructure: running');
    creation.cancel();

    await failed;
    jobId = /^Job (\w{26})$/.exec(creation.lines.find((line) => /^Job \w{26}$/.test(line)) ?? '')?.[1] ?? '';
    expect((await client.watchJob(jobId)).state).toBe('cancelled');
    expect(creation.lines.join('\n')).toContain('stays, and costs');
  });

  it('becomes ready when the task is tried again, on what was there', async () => {
    const task = creation.again();

    const outputs = await task.run(backstage.actions.get(create), { cluster });

    expect(outputs).toMatchObject({ name: 'checkout', endpoint: 'https://api.checkout.clusterwright.internal:6443', simulated: true });
    expect(await client.job(String(outputs['jobId']))).toMatchObject({ state: 'succeeded', retryOf: jobId });
    expect(task.lines).toEqual(expect.arrayContaining([`This task was run before: its job ${jobId} is cancelled and is tried once more`, 'Verify the cluster: succeeded', 'Job succeeded']));
    expect(task.lines.some((line) => /^\d+\/\d+ resources \(\d+ %\), last: /.test(line))).toBe(true);
  });

  it('has the same job for a task that is run once more, with its checkpoints or without', async () => {
    const [kept, lost] = [creation.again(), creation.again({ lost: 'everything' })];

    const outputs = await kept.run(backstage.actions.get(create), { cluster });

    expect(await client.job(String(outputs['jobId']))).toMatchObject({ state: 'succeeded', retryOf: jobId });
    // Without them the idempotency key leads to the first job, which is what the task was then.
    await expect(lost.run(backstage.actions.get(create), { cluster })).rejects.toThrow(jobId);
  });

  it('stands in the catalogue as a valid resource with owner, links and relations', async () => {
    await backstage.provider.refresh();

    const entity = entitiesOf(mutations.at(-1)).find(({ metadata }) => metadata.name === 'checkout');
    expect(entity).toMatchObject({
      kind: 'Resource',
      metadata: {
        annotations: { 'clusterwright.io/cluster': 'checkout', 'clusterwright.io/state': 'ready', 'clusterwright.io/simulated': 'true', 'clusterwright.io/provider': 'aws' },
        tags: ['kubernetes', 'aws', 'eu-west-1', 'development', 'simulated'],
      },
      spec: { type: 'kubernetes-cluster', owner: 'group:default/payments', system: 'system:default/shop', dependencyOf: ['component:default/basket'] },
    });
    expect(entity?.metadata.links).toContainEqual({ url: expect.stringMatching(/\/#\/clusters\/checkout$/), title: 'Console', icon: 'dashboard' });
    await expect(valid(entity)).resolves.toBeDefined();
  });

  it('shows state, nodes and last job to who may see its entity, and to nobody else', async () => {
    const [entity] = entitiesOf(mutations.at(-1));
    if (entity === undefined) throw new Error('the catalogue has no cluster');
    const forged: Entity = { ...entity, metadata: { name: 'forged', annotations: { 'clusterwright.io/cluster': 'checkout', 'backstage.io/managed-by-origin-location': 'url:https://example.com/catalog-info.yaml' } } };
    const seeing = await startBackend({ entities: [entity, forged] });
    const page = (headers: Record<string, string>, name = 'checkout') => fetch(`${seeing.url}/entities/default/resource/${name}`, { headers });
    try {
      const shown = await page({ authorization: mockCredentials.user.header() });
      expect(await shown.json()).toMatchObject({ cluster: { name: 'checkout', state: 'ready', nodes: { controlPlane: 1 } }, job: { kind: 'create', state: 'succeeded', progress: { percent: 100 } } });
      expect((await page({ authorization: mockCredentials.none.header() })).status).toBe(401);
      expect((await page({ authorization: mockCredentials.user.header() }, 'forged')).status).toBe(404);
      expect((await fetch(`${backstage.url}/entities/default/resource/checkout`, { headers: { authorization: mockCredentials.user.header() } })).status).toBe(404);
    } finally {
      await seeing.backend.stop();
    }
  });

  it('is changed by a patch of its owner, and by nobody else\'s', async () => {
    const patch = { labels: { system: 'shop', 'cost-centre': '4711' } };
    const others = await startBackend({ groups: ['group:default/search'] });
    try {
      await expect(new TaskStep('task-foreign').run(others.actions.get(update), { name: 'checkout', patch })).rejects.toThrow('is not in group:default/payments');
      await expect(new TaskStep('task-foreign').run(others.actions.get(remove), { name: 'checkout' })).rejects.toThrow('is not in group:default/payments');
    } finally {
      await others.backend.stop();
    }
    await expect(new TaskStep('task-gift').run(backstage.actions.get(update), { name: 'checkout', patch: { owner: 'search' } })).rejects.toThrow('is not in group:default/search');

    const outputs = await new TaskStep('task-update').run(backstage.actions.get(update), { name: 'checkout', patch });

    expect(await client.job(String(outputs['jobId']))).toMatchObject({ kind: 'update', state: 'succeeded' });
    expect((await client.cluster('checkout')).spec.labels).toMatchObject(patch.labels);
  });

  it('tells what the service refuses with its code and what to do next', async () => {
    await expect(new TaskStep('task-second').run(backstage.actions.get(create), { cluster })).rejects.toThrow(/\(cluster-exists\).*\n/s);
  });

  it('has one deletion for a task that Backstage runs again while the first one goes on', async () => {
    const first = new TaskStep('task-delete');
    const input = { name: 'checkout', retain: 'none' };
    const deleting = first.run(backstage.actions.get(remove), input);
    await first.told('Job running');
    const second = first.again();

    const [before, after] = await Promise.all([deleting, second.run(backstage.actions.get(remove), input)]);

    expect(after['jobId']).toBe(before['jobId']);
    expect(after).toMatchObject({ leftovers: 0 });
    expect(await first.again({ lost: 'job' }).run(backstage.actions.get(remove), input), 'also where Backstage died before it knew of the job').toMatchObject({ jobId: before['jobId'] });
    expect(second.lines[0]).toMatch(/^This task was run before: its job \w{26} is (running|succeeded)$/);
    await expect(client.cluster('checkout')).rejects.toMatchObject({ code: 'cluster-not-found' });
    await backstage.provider.refresh();
    expect(entitiesOf(mutations.at(-1))).toEqual([]);
  });
});

function entitiesOf(mutation: EntityProviderMutation | undefined): Entity[] {
  return mutation?.type === 'full' ? mutation.entities.map(({ entity }) => entity) : [];
}

/** As the catalogue checks what providers give it. */
async function valid(entity: Entity | undefined): Promise<Entity | undefined> {
  if (entity === undefined || !(await resourceEntityV1alpha1Validator.check(entity))) return undefined;
  return EntityPolicies.allOf([new SchemaValidEntityPolicy(), new DefaultNamespaceEntityPolicy(), new NoForeignRootFieldsEntityPolicy(), new FieldFormatEntityPolicy()]).enforce(entity);
}
