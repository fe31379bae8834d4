import { describe, expect, it } from 'vitest';
import { SettledCluster, useGround } from './ground.js';

describe('a change that the provider refuses', () => {
  const ground = useGround();

  it('is no hindrance to the deletion of the cluster', async () => {
    const cluster = await ground().cluster('refused');
    await cluster.up();
    const { spec } = cluster.input;
    const changed = new SettledCluster(ground(), { ...cluster.input, spec: { ...spec, nodePools: spec.nodePools.map((pool) => ({ ...pool, minNodes: 5, maxNodes: 3 })) } });
    await expect(changed.up()).rejects.toThrow('minSize 5 is above maxSize 3');

    await changed.settle('delete');
    await changed.destroy();

    expect((await changed.compared()).cloud).toEqual([]);
  });
});
