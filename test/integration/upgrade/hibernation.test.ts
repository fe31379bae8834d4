import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout } from '../../../model/rollout.js';
import { PuttingToSleep } from '../../../worker/operation/hibernation/sleep.js';
import { WakingUp } from '../../../worker/operation/hibernation/wake.js';
import { World } from './world.js';

const signal = new AbortController().signal;
const rollout: Rollout = { controlPlane: '1.34', pools: '1.34', surge: false };

let world: World;
beforeEach(async () => {
  world = await World.open('127.86.0.2');
});
afterEach(() => world.close());

const sleep = () => new PuttingToSleep(world.context(rollout), signal).run();
const wake = () => new WakingUp(world.context(rollout), signal).run();
const pod = (name: string, node: string) => world.cluster.api.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: node, containers: [{ name: 'main', image: 'x' }] } });
const pods = async (): Promise<string[]> => ((await world.cluster.call('GET', '/api/v1/namespaces/default/pods')).body.items as unknown as { metadata: { name: string } }[]).map(({ metadata: { name } }) => name);

describe('a hibernation', () => {
  it('ends what runs on workers, then their machines, then switches the control planes off', async () => {
    pod('web', 'worker-1');
    // A budget that lets nothing go elsewhere is none of a cluster's that ends as a whole.
    world.cluster.api.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'default' }, spec: { maxUnavailable: 0, selector: {} } });

    await sleep();

    expect(world.calls).toEqual(['resize to 2 of 2', 'resize to 0 of 0', 'switch 3 off']);
    expect(await pods()).toEqual([]);
    expect(await world.nodes()).toEqual(['cp-1 1.34', 'cp-2 1.34', 'cp-3 1.34']);
  });

  it('takes machines away that an autoscaler has added meanwhile', async () => {
    world.before = (call) => {
      if (call.startsWith('switch')) world.capacity = 1;
    };

    await sleep();

    expect(world.calls.slice(-2)).toEqual(['switch 3 off', 'resize to 0 of 0']);
  });

  it('and the waking after it are gone on with wherever the operation died, and the pools are as large as they were', async () => {
    for (let at = 0; at < 7; at += 1) {
      let left = at;
      world.before = () => {
        if ((left -= 1) < 0) throw new Error('died here');
      };
      await sleep().then(() => wake()).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.includes('died here'))) throw error;
      });
      world.before = () => undefined;
      await sleep();
      expect([world.isOn, world.capacity]).toEqual([false, 0]);
      await wake();

      expect([world.isOn, world.capacity, world.minNodes, world.maxNodes]).toEqual([true, 2, 1, 2]);
      expect((await world.nodes()).filter((node) => node.includes('worker'))).toEqual([expect.stringMatching(/ 1\.34$/), expect.stringMatching(/ 1\.34$/)]);
    }
  });

  it('is none for a cluster that is awake: waking it leaves its pools alone and opens what was closed', async () => {
    await wake();

    expect(world.calls).toEqual(['switch 3 on', 'resize to 2 of 2']);
    expect(await world.nodes()).toHaveLength(5);
  });
});
