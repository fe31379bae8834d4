import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { upgradeAnnotations } from '../../../model/in-place.js';
import type { Rollout } from '../../../model/rollout.js';
import { kubernetesReleases } from '../../../model/spec.js';
import { ControlPlaneRollout } from '../../../worker/operation/upgrade/control-planes.js';
import { PoolRollout } from '../../../worker/operation/upgrade/pools.js';
import { PoolsInPlace } from '../../../worker/operation/upgrade/pools-in-place.js';
import { codeOf } from '../../support/codes.js';
import { until } from '../../support/until.js';
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

describe('machines that are behind the current image', () => {
  const request = { kind: 'upgrade', machineImages: 'current' } as const;
  const run = async (surge = false): Promise<void> => {
    await new ControlPlaneRollout(world.context({ ...done, surge }, request), signal).run();
    await new PoolRollout(world.context(done, request), signal).run();
  };
  const ofImages = () => [...new Set(world.images().map((machine) => machine.split(' ')[1]))];
  beforeEach(async () => {
    await world.close();
    world = await World.open('127.86.0.1', '1.35');
    [world.image, world.poolImage] = ['ami-2', 'ami-2'];
  });

  it('are replaced in the same way, and none where none is', async () => {
    await run();
    const replaced = world.calls.filter((call) => /^(destroy|end)/.test(call)).map((call) => call.replace(/end i-(worker-\d).*/, 'end $1'));
    expect(replaced).toEqual(['destroy cp-1', 'destroy cp-2', 'destroy cp-3', 'end worker-1', 'end worker-2']);
    expect([ofImages(), world.controlPlanes.length, world.workers.length]).toEqual([['ami-2'], 3, 2]);

    world.calls.length = 0;
    await run();
    expect(world.calls.filter((call) => /^(destroy|end|resize)|one more/.test(call))).toEqual([]);
  });

  it('are gone on with wherever the operation died, none a second time', async () => {
    for (let at = 0; at < 25; at += 1) {
      let left = at;
      world.before = () => {
        if ((left -= 1) < 0) throw new Error('died here');
      };
      await run(world.controlPlanes.length === 4).catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'died here')) throw error;
      });
    }

    expect(world.calls.filter((call) => call.startsWith('destroy')).sort()).toEqual(['destroy cp-1', 'destroy cp-2', 'destroy cp-3']);
    expect(world.calls.filter((call) => call.startsWith('end'))).toHaveLength(2);
    expect([ofImages(), world.controlPlanes.length, world.workers.length]).toEqual([['ami-2'], 3, 2]);
  });

  it('are replaced once by what was current when it began, whatever is published meanwhile', async () => {
    world.before = (call) => {
      if (call === 'destroy cp-1') world.image = 'ami-3';
    };
    await new ControlPlaneRollout(world.context(done, request), signal).run();

    expect(world.calls.filter((call) => call.startsWith('destroy'))).toHaveLength(3);
    expect(world.images().filter((machine) => machine.startsWith('cp'))).not.toContain(expect.stringContaining('ami-1') as string);
  });
});

describe('machines in an upgrade in place', () => {
  const request = { kind: 'upgrade', inPlace: true } as const;
  const controlPlanes = (rollout: Rollout) => new ControlPlaneRollout(world.context(rollout, request), signal).run();
  const pools = (limits?: { beginMs: number; upgradeMs: number }) => new PoolsInPlace(world.context(done, request), signal, limits).run();
  const upgraded = (number: number): string[] => ['up in 1.35 and 1.34 in place', `cp-${number} is ordered: upgrade-in-place 1.35 ${kubernetesReleases['1.35']}`, 'up in 1.35 and 1.34 in place'];
  const annotations = async (): Promise<string[]> => {
    const { body } = await world.cluster.call('GET', '/api/v1/nodes');
    return (body.items as unknown as { metadata: { annotations?: Record<string, string> } }[]).flatMap(({ metadata }) => Object.keys(metadata.annotations ?? {})).filter((name) => name.startsWith('clusterwright.io'));
  };

  it('stay: the control planes go one at a time, each away from the load balancers meanwhile, and then the workers', async () => {
    const machines = world.images();
    await controlPlanes(old);
    expect(world.calls).toEqual(['up in 1.35 and 1.34 in place', ...upgraded(1), ...upgraded(2), ...upgraded(3), 'cp-1 is ordered: cluster-dns', 'up in 1.35 and 1.34']);
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.35', 'cp-3 1.35', 'worker-1 1.34', 'worker-2 1.34']);

    world.calls.length = 0;
    await pools();
    expect(world.calls).toEqual([]);
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.35', 'cp-3 1.35', 'worker-1 1.35', 'worker-2 1.35']);
    expect([world.images(), await annotations()]).toEqual([machines, []]);
  });

  it('are gone on with wherever the operation died, each once, and take pods again in the end', async () => {
    for (let at = 0; at < 14; at += 1) {
      let left = at;
      world.before = () => {
        if ((left -= 1) < 0) throw new Error('died here');
      };
      const rollout: Rollout = !world.calls.some((call) => call.startsWith('up in 1.35')) ? old : world.calls.includes('up in 1.35 and 1.34') ? { ...begun, surge: false } : { ...begun, surge: false, inPlace: true };
      await controlPlanes(rollout).then(() => pools()).catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'died here')) throw error;
      });
    }
    world.before = () => undefined;
    // A worker's operation died when the worker had done it.
    await world.cluster.call('PATCH', '/api/v1/nodes/worker-1', { metadata: { annotations: { [upgradeAnnotations.wanted]: kubernetesReleases['1.35'], 'clusterwright.io/removing': 'cordoned' } }, spec: { unschedulable: true } }, { type: 'application/merge-patch+json' });
    await pools();

    expect(world.calls.filter((call) => call.includes('upgrade-in-place')).sort()).toEqual([1, 2, 3].map((number) => upgraded(number)[1]));
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.35', 'cp-3 1.35', 'worker-1 1.35', 'worker-2 1.35']);
    expect(await annotations()).toEqual([]);
  });

  it('stop where a pod may not go, with that node open, and are replaced from there where that is asked for', async () => {
    const release = await hold('cp-2');
    expect(await codeOf(() => controlPlanes(old))).toMatchObject({ code: 'node-not-drained' });
    expect(await world.nodes()).toEqual(['cp-1 1.35', 'cp-2 1.34', 'cp-3 1.34', 'worker-1 1.34', 'worker-2 1.34']);

    await release();
    await new ControlPlaneRollout(world.context({ ...begun, surge: false, inPlace: true }), signal).run();
    expect(world.calls.filter((call) => call.startsWith('destroy'))).toEqual(['destroy cp-2', 'destroy cp-3']);
    expect(world.calls.at(-1)).toBe('up in 1.35 and 1.34');
  });

  it('take the place of replacements that were begun, whose machine more goes in the end', async () => {
    await hold('cp-1').then(async (release) => {
      await codeOf(() => new ControlPlaneRollout(world.context(old), signal).run());
      await release();
    });
    world.calls.length = 0;
    await controlPlanes(begun);
    expect(world.calls.filter((call) => /destroy|ordered/.test(call))).toEqual([...[1, 2, 3].map((number) => upgraded(number)[1]), 'cp-1 is ordered: cluster-dns', 'cp-1 is ordered: etcd-member-remove cp-4']);
    expect([world.controlPlanes.length, world.calls.at(-1)]).toEqual([3, 'up in 1.35 and 1.34']);
  });

  it('of a version that did not know of it are said to be, with what to do, and take pods again behind the load balancers', async () => {
    world.refusal = 'this control plane knows no such order';
    const inTheWay = { hint: expect.stringContaining('without "inPlace"') as string };
    await expect(controlPlanes(old)).rejects.toMatchObject({ code: 'order-failed', ...inTheWay });
    expect([await world.nodes(), world.calls.slice(-2)]).toEqual([['cp-1 1.34', 'cp-2 1.34', 'cp-3 1.34', 'worker-1 1.34', 'worker-2 1.34'], upgraded(1).slice(1)]);

    world.wishes.follow = false;
    await expect(pools({ beginMs: 500, upgradeMs: 10_000 })).rejects.toMatchObject({ code: 'node-failed', ...inTheWay });
    expect([(await world.nodes()).filter((node) => node.endsWith('closed')), await annotations()]).toEqual([[], []]);
  });

  it('end the upgrade with a worker\'s own words, and are tried again after them', async () => {
    world.wishes.follow = false;
    const failing = pools({ beginMs: 10_000, upgradeMs: 20_000 });
    await until(async () => (await annotations()).includes(upgradeAnnotations.wanted), 10_000);
    await world.cluster.call('PATCH', '/api/v1/nodes/worker-1', { metadata: { annotations: { [upgradeAnnotations.begun]: kubernetesReleases['1.35'], [upgradeAnnotations.failed]: 'E: Unable to locate package kubeadm' } } }, { type: 'application/merge-patch+json' });
    await expect(failing).rejects.toMatchObject({ code: 'node-failed', resource: 'worker-1', message: expect.stringContaining('Unable to locate package kubeadm') as string });
    expect([(await world.nodes()).filter((node) => node.endsWith('closed')), await annotations()]).toEqual([[], []]);

    world.wishes.follow = true;
    await pools();
    expect((await world.nodes()).filter((node) => node.startsWith('worker'))).toEqual(['worker-1 1.35', 'worker-2 1.35']);
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
