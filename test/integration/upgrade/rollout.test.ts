import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout } from '../../../model/rollout.js';
import { ControlPlaneRollout } from '../../../worker/operation/upgrade/control-planes.js';
import { PoolRollout } from '../../../worker/operation/upgrade/pools.js';
import { codeOf } from '../../support/codes.js';
import { World } from './world.js';

const signal = new AbortController().signal;
const old: Rollout = { controlPlane: '1.34', pools: '1.34', surge: false };
const begun: Rollout = { controlPlane: '1.35', pools: '1.34', surge: true };
const done: Rollout = { controlPlane: '1.35', pools: '1.35', surge: false };

let world: World;
beforeEach(async () => {
  world = await World.open('127.86.0.1');
});
afterEach(() => world.close());

const replaced = (number: number): string[] => [
  'up in 1.35 and 1.34 with one more', `${number === 1 ? 'cp-4' : 'cp-1'} is ordered: etcd-member-remove cp-${number}`, `destroy cp-${number}`, 'up in 1.35 and 1.34 with one more',
];
const surgeGoes = ['cp-1 is ordered: cluster-dns', 'up in 1.35 and 1.34 with one more', 'cp-1 is ordered: etcd-member-remove cp-4', 'up in 1.35 and 1.34'];

describe('control planes in an upgrade', () => {
  it('are replaced one at a time beside one more, each out of etcd before its machine goes', async () => {
    await new ControlPlaneRollout(world.context(old), signal).run();

    expect(world.calls).toEqual(['up in 1.35 and 1.34 with one more', ...replaced(1), ...replaced(2), ...replaced(3), ...surgeGoes]);
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.35', 'cp-3 1.35', 'worker-1 1.34', 'worker-2 1.34']);
  });

  it('are gone on with wherever the operation died, none a second time', async () => {
    for (let at = 0; at < 17; at += 1) {
      let left = at;
      world.before = () => {
        if ((left -= 1) < 0) throw new Error('died here');
      };
      // What the state has by then: the record is written as an update begins.
      const rollout = world.calls.some((call) => call.startsWith('up in 1.35')) ? { ...begun, surge: world.controlPlanes.length === 4 } : old;
      await new ControlPlaneRollout(world.context(rollout), signal).run().catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'died here')) throw error;
      });
    }

    expect(world.calls.filter((call) => call.startsWith('destroy')).sort()).toEqual(['destroy cp-1', 'destroy cp-2', 'destroy cp-3']);
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.35', 'cp-3 1.35', 'worker-1 1.34', 'worker-2 1.34']);
  });

  it('keep their machines where a pod on them may not go', async () => {
    await hold('cp-1');

    expect(await codeOf(() => new ControlPlaneRollout(world.context(old), signal).run())).toMatchObject({ code: 'node-not-drained' });
    expect(world.calls).toEqual(['up in 1.35 and 1.34 with one more']);
    expect(await world.nodes()).toEqual(['cp-1 1.34', 'cp-2 1.34', 'cp-3 1.34', 'cp-4 1.35', 'worker-1 1.34', 'worker-2 1.34']);
  });
});

describe('a pool in an upgrade', () => {
  beforeEach(() => {
    world.launches = '1.35';
  });

  it('gets one more before each machine that goes, beyond its largest number, and has its bounds back', async () => {
    await new PoolRollout(world.context(done), signal).run();

    expect(world.calls.map((call) => call.replace(/end i-(worker-\d).*/, 'end $1'))).toEqual(['resize to 3 of 3', 'end worker-1', 'resize to 3 of 3', 'end worker-2', 'resize to 2 of 2']);
    expect((await world.nodes()).filter((node) => node.startsWith('worker')).every((node) => node.endsWith('1.35'))).toBe(true);
    expect(world.workers).toHaveLength(2);
  });

  it('stops where a pod may not go, with that node open and its machine there, and goes on without a machine too many', async () => {
    const release = await hold('worker-1');

    expect(await codeOf(() => new PoolRollout(world.context(done), signal).run())).toMatchObject({ code: 'node-not-drained' });
    expect(world.calls).toEqual(['resize to 3 of 3']);
    expect((await world.nodes()).filter((node) => node.endsWith('closed'))).toEqual([]);

    await release();
    await new PoolRollout(world.context(done), signal).run();

    expect(world.calls.filter((call) => call.startsWith('resize'))).toEqual(['resize to 3 of 3', 'resize to 3 of 3', 'resize to 2 of 2']);
    expect(world.workers).toHaveLength(2);
  });
});

/** A pod on a node that a budget keeps there. Gives what takes the budget away. */
async function hold(nodeName: string): Promise<() => Promise<unknown>> {
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const labels = { app: 'held' };
  await world.cluster.call('POST', '/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'held', labels }, spec: { nodeName, containers: [{ name: 'main', image: 'x' }] } });
  await world.cluster.call('POST', budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'held' }, spec: { minAvailable: 1, selector: { matchLabels: labels } } });
  return () => world.cluster.call('DELETE', `${budgets}/held`);
}
