import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ways } from '../../../worker/cloud/aws/finding/ways.js';
import { locksOf } from '../../../worker/engine/locks.js';
import { useGround, type SettledCluster } from './ground.js';

const ground = useGround();

/** Kills the engine that works on the cluster as soon as `moment` has come. */
async function killWhen(cluster: SettledCluster, moment: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    const [lock] = await locksOf(`file://${ground().folder}`, cluster.stack.name);
    if (lock !== undefined && (await moment())) return void process.kill(lock.pid, 'SIGKILL');
    await wait(5);
  }
}

const made = (name: string, type: string): number => ground().sandbox.inventory.list(name).filter((item) => item.type === type).length;

describe('an engine that is killed', () => {
  const vpc = 'aws:ec2/vpc:Vpc';

  it('while a resource is made: it is adopted, and nothing stays pending or locked', async () => {
    const cluster = await ground().cluster('killed');
    ground().sandbox.faults.add({ type: vpc, kind: 'lose-answer', operation: 'create', times: 1, seconds: 600 });
    const ended = cluster.up().catch((error: unknown) => error);
    await killWhen(cluster, () => made('killed', vpc) === 1);
    expect(await ended).toBeInstanceOf(Error);
    expect((await cluster.stack.state())?.pending).toContainEqual(expect.objectContaining({ operation: 'creating', type: vpc }));

    await cluster.settle('create', 2);
    expect(cluster.imported()).toContain(`${vpc} vpc`);
    expect((await cluster.stack.state())?.pending).toEqual([]);
    await cluster.up();
    const { cloud, state } = await cluster.compared();
    expect(state).toEqual(cloud);
    expect(made('killed', vpc)).toBe(1);
    await cluster.destroy();
  });

  it('again and again, in making and in destroying, makes nothing twice and leaves nothing', async () => {
    const cluster = await ground().cluster('again');
    const count = (): number => ground().sandbox.inventory.list('again').length;
    for (const resources of [5, 40, 90]) {
      const ended = cluster.up().catch((error: unknown) => error);
      await killWhen(cluster, () => count() >= resources);
      expect(await ended).toBeInstanceOf(Error);
      await cluster.settle('create', 2);
      const { cloud, state } = await cluster.compared();
      expect(cloud.filter((entry) => ways[entry.split(' ')[0] ?? '']?.by !== 'again' && !state.includes(entry))).toEqual([]);
    }
    await cluster.up();
    const { cloud, state } = await cluster.compared();
    expect(state).toEqual(cloud);

    const ended = cluster.destroy().catch((error: unknown) => error);
    await killWhen(cluster, () => count() <= 60);
    expect(await ended).toBeInstanceOf(Error);
    await cluster.settle('delete', 2);
    await cluster.destroy();
    expect(count()).toBe(0);
  });
});
