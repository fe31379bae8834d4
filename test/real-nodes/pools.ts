import { expect, it } from 'vitest';
import type { Ground } from './ground.js';
import { realPool } from './real-cluster.js';

/** A pool that grows and shrinks. */
export function pools({ cluster, portal, provider }: Ground): void {
  it('gets a third worker by a change of its pool, and gives it back', async () => {
    const before = await cluster.lines('nodes', '{.metadata.name}');

    expect((await portal.change('PATCH', '/clusters/real', { nodePools: [realPool(provider, 3, 3)] })).error).toBeNull();
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(6).fill('True'));

    expect((await portal.change('PATCH', '/clusters/real', { nodePools: [realPool(provider, 2, 3)] })).error).toBeNull();
    expect((await cluster.lines('nodes', '{.metadata.name}')).sort()).toEqual(before.sort());
    await cluster.look();
    expect(cluster.workers).toHaveLength(2);
  });
}
