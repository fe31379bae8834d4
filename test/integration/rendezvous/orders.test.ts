import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderAnswerKey, orderAnswerSchema, orderKey, type NodeOrder } from '../../../model/orders.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

let world: World;
let node: TestNode;
let name: string;
const uid = 'orders';
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  node = await world.node(uid, { index: 1 });
  expect((await node.run('bootstrap.sh')).code).toBe(0);
  name = (await node.library('printf %s "$node"')).stdout;
});
afterAll(() => world.close());

const give = (order: Omit<NodeOrder, 'task'> & { task: string }) => world.aws.objects.put(`${uid}-backups`, orderKey(name), JSON.stringify(order));
const look = (environment: Readonly<Record<string, string>> = {}) => node.run('orders.sh', ['once'], environment);
const answer = () => orderAnswerSchema.optional().parse(world.object(uid, orderAnswerKey(name)));
const snapshots = () => world.aws.objects.list(`${uid}-backups`, 'etcd/').filter(({ key }) => key.endsWith('.json')).map(({ key }) => key.replace('.json', ''));

describe('what a control plane is ordered', () => {
  it('is nothing at first: it answers nothing, and puts something there that its looks cost less with', async () => {
    expect((await look()).code).toBe(0);
    expect(answer()).toBeUndefined();
    expect(world.object(uid, orderKey(name))).toEqual({});
  });

  it('is answered with the last lines of a failure, without its secrets, and not tried again by itself', async () => {
    give({ id: 'first', task: 'etcd-snapshot', arguments: [] });
    expect((await look({ SNAPSHOT_FAILS: 'token abcdef.0123456789abcdef' })).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'first', state: 'failed', result: null, message: expect.stringContaining('[token]') as string });

    expect((await look()).code).toBe(0);
    expect(answer()?.id).toBe('first');
    expect(snapshots()).toEqual([]);
  });

  it('is done once, and answered with what came of it', async () => {
    give({ id: 'second', task: 'etcd-snapshot', arguments: [] });
    for (const _ of [1, 2]) expect((await look()).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'second', state: 'done', message: null });
    expect(snapshots()).toEqual([answer()?.result]);
  });

  it('is answered again where the answer could not be told', async () => {
    world.aws.objects.delete(`${uid}-backups`, orderAnswerKey(name));
    await node.library('rm "$state/answer.json.told"');
    expect((await look()).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'second', state: 'done' });
    expect(snapshots()).toHaveLength(1);
  });

  it('is a script of its own, and nothing else that lies on its disk', async () => {
    for (const task of ['reboot', '../etcd-restore', 'tasks/approver']) {
      give({ id: task, task, arguments: [] });
      await look();
      expect(answer()).toMatchObject({ id: task, state: 'failed', message: 'this control plane knows no such order' });
    }
  });
});
