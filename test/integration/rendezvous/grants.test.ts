import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestNode } from './node.js';
import { World } from './world.js';

let world: World;
let node: TestNode;
beforeAll(async () => {
  world = await World.open();
  await world.ground('grants');
  node = await world.node('grants', { index: 1 });
  expect((await node.run('bootstrap.sh')).code).toBe(0);
});
afterAll(() => world.close());

const inSeconds = (seconds: number): string => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
const binding = (name: string, until: string | undefined, namespace?: string): object => ({
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { 'clusterwright.io/grant': name }, ...(until === undefined ? {} : { annotations: { 'clusterwright.io/until': until } }) },
});

/** What the task deletes of these bindings. */
async function deleted(...items: object[]): Promise<string[]> {
  await node.write('bindings.json', JSON.stringify({ items }));
  await node.write('kubectl.calls', '');
  expect((await node.run('tasks/grants.sh')).code).toBe(0);
  return [...((await node.read('kubectl.calls')) ?? '').matchAll(/ delete (.*) --ignore-not-found$/gm)].map(([, what = '']) => what);
}

describe('temporary access on a control plane', () => {
  it('goes when its time has passed, wherever it is bound, and stays before', async () => {
    expect(await deleted(binding('over', inSeconds(-1)), binding('holds', inSeconds(60)), binding('over-too', inSeconds(-86_400), 'payments'), binding('holds-too', inSeconds(86_400), 'payments'))).toEqual([
      'ClusterRoleBinding over', 'RoleBinding over-too --namespace payments',
    ]);
    expect(await deleted()).toEqual([]);
  });

  it.each([['no time', undefined], ['a word', 'z'], ['a time of another form', '2999-01-01T00:00:00+02:00'], ['two lines', '2999-01-01T00:00:00Z\n2999-01-01T00:00:00Z']])('goes where its end is %s', async (_what, until) => {
    expect(await deleted(binding('unclear', until))).toEqual(['ClusterRoleBinding unclear']);
  });
});
