import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ways } from '../../../worker/cloud/aws/finding/ways.js';
import { SettleGround } from './ground.js';

let ground: SettleGround;
beforeAll(async () => {
  ground = await SettleGround.start();
});
afterAll(async () => {
  await ground.stop();
});

/** A lost answer ends an update, so many at a time are met in a few rounds: those of one level of the program's dependencies in each. */
const mostRounds = 12;

describe('the lost answer to a creation', () => {
  it('of every type in turn leaves nothing that the state does not know, and makes nothing twice', async () => {
    const cluster = await ground.cluster('lost');
    for (const type of Object.keys(ways)) ground.sandbox.faults.add({ type, kind: 'lose-answer', operation: 'create', times: 1 });
    for (let round = 1; ; round += 1) {
      const failure = await cluster.up().then(() => undefined, (error: unknown) => String(error));
      if (failure === undefined) break;
      expect(round, failure).toBeLessThan(mostRounds);
      await cluster.settle();
    }
    expect(ground.sandbox.faults.list().map(({ type }) => type)).toEqual([]);
    const { cloud, state } = await cluster.compared();
    expect(state).toEqual(cloud);

    // Each was imported under the name that the program gives it.
    const adoptable = Object.entries(ways).filter(([, way]) => way.by !== 'again').map(([type]) => type);
    expect([...new Set(cluster.imported().map((entry) => entry.split(' ')[0]))].sort()).toEqual(adoptable.sort());

    await cluster.destroy();
    expect((await cluster.compared()).cloud).toEqual([]);
  });

  it('is no hindrance to a deletion, which leaves nothing', async () => {
    const cluster = await ground.cluster('halfway');
    for (const type of ['aws:ec2/subnet:Subnet', 'aws:iam/role:Role', 'aws:kms/key:Key', 'aws:lb/targetGroup:TargetGroup']) {
      ground.sandbox.faults.add({ type, kind: 'lose-answer', operation: 'create', times: 1 });
    }
    await expect(cluster.up()).rejects.toThrow('connection reset');
    await cluster.settle('delete');
    await cluster.destroy();
    expect((await cluster.compared()).cloud).toEqual([]);
    ground.sandbox.faults.clear();
  });
});
