import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vpc } from '../../../sandbox/aws/types/tokens.js';
import { AwsConnection } from '../../../worker/cloud/aws/connection.js';
import { imageDates, readImages } from '../../../worker/cloud/aws/images.js';
import { offers } from '../../../worker/cloud/aws/offers.js';
import { endMachine, raisePool, readPools } from '../../../worker/cloud/aws/pools.js';
import type { PoolGroup, PoolMachine } from '../../../worker/cloud/index.js';
import { startAwsAlone, type AwsAlone } from './aws-alone.js';

const uid = 'abc123def456';
let alone: AwsAlone;
let connection: AwsConnection;

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' });
  alone = await startAwsAlone();
  connection = new AwsConnection('eu-west-1', undefined, { autoscaling: alone.aws.endpoint, ec2: alone.aws.endpoint, ssm: alone.aws.endpoint });
  const subnet = await alone.create('aws:ec2/subnet:Subnet', { vpcId: await alone.create(vpc, { cidrBlock: '10.9.0.0/16' }), cidrBlock: '10.9.0.0/24', availabilityZone: 'eu-west-1a' });
  const id = await alone.create('aws:ec2/launchTemplate:LaunchTemplate', { name: 'pool', imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.xlarge' });
  const tags = Object.entries({ 'clusterwright:cluster': 'demo', 'clusterwright:uid': uid, 'clusterwright:resource': 'pool-general' }).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
  await alone.create('aws:autoscaling/group:Group', { name: 'demo-pool-general', minSize: 3, maxSize: 6, vpcZoneIdentifiers: [subnet], launchTemplate: { id, version: '$Default' }, tags });
});
afterAll(() => alone.stop());

const pool = async (): Promise<PoolGroup> => {
  const [found] = await readPools(connection, uid);
  if (found === undefined) throw new Error('there is no pool');
  return found;
};
const machineOf = ({ machines }: PoolGroup, index: number): PoolMachine => {
  const found = machines[index];
  if (found === undefined) throw new Error(`there is no machine ${index}`);
  return found;
};
const ids = ({ machines }: PoolGroup): string[] => machines.map(({ id }) => id);

describe('the pools of a cluster on AWS', () => {
  it('are read with their bounds and machines, of that cluster only', async () => {
    const found = await pool();

    expect(found).toMatchObject({ pool: 'general', group: 'demo-pool-general', minNodes: 3, maxNodes: 6, capacity: 3 });
    expect(found.machines.map(({ providerId, leaving }) => [providerId, leaving])).toEqual(ids(found).map((id) => [`aws:///eu-west-1a/${id}`, false]));
    expect(await readPools(connection, 'other')).toEqual([]);
  });

  it.each([
    ['throttles', { kind: 'throttle' as const }],
    ['loses the answer', { kind: 'lose-answer' as const }],
  ])('lose one very machine, and no other, also where the cloud %s', async (_what, fault) => {
    await raisePool(connection, await pool(), 3);
    const before = await pool();
    const going = machineOf(before, 1);
    alone.sandbox.faults.add({ ...fault, type: 'autoscaling:TerminateInstanceInAutoScalingGroup', times: 1 });

    await endMachine(connection, uid, before, going);

    const after = await pool();
    expect(after).toMatchObject({ minNodes: 2, capacity: 2 });
    expect(ids(after)).toEqual(ids(before).filter((id) => id !== going.id));
  });

  it('are raised by their smallest number, which the machines follow', async () => {
    await raisePool(connection, await pool(), 4);

    const raised = await pool();
    expect(raised).toMatchObject({ minNodes: 4, capacity: 4 });
    expect(raised.machines).toHaveLength(4);
  });
});

describe('auto-scaling of the emulated AWS', () => {
  const client = (): AutoScalingClient => connection.client('autoscaling', AutoScalingClient, { maxAttempts: 1 });

  it('refuses to end a machine below the smallest number, and one that it does not have', async () => {
    const [id] = ids(await pool());
    await expect(client().send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: id, ShouldDecrementDesiredCapacity: true }))).rejects.toMatchObject({ name: 'ValidationError', message: expect.stringContaining('desiredSize equals minSize (4)') });
    await expect(client().send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: 'i-0', ShouldDecrementDesiredCapacity: true }))).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('replaces a machine that is ended without lowering the number', async () => {
    const before = await pool();
    await client().send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: machineOf(before, 0).id, ShouldDecrementDesiredCapacity: false }));

    const after = await pool();
    expect(after).toMatchObject({ capacity: 4 });
    expect(ids(after)).toHaveLength(4);
    expect(ids(after)).not.toContain(machineOf(before, 0).id);
  });

  it('moves the number into new bounds, and changes nothing else', async () => {
    const update = (more: object) => client().send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'demo-pool-general', ...more }));
    await update({ MinSize: 0, MaxSize: 2 });
    expect(await pool()).toMatchObject({ minNodes: 0, maxNodes: 2, capacity: 2 });
    await expect(update({ MinSize: 3 })).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(update({ DefaultCooldown: 1 })).rejects.toMatchObject({ message: expect.stringContaining('does not imitate') });
  });
});

it('tells in which zones AWS offers machine types', async () => {
  expect(await offers(connection, ['m7i.large', 'm1.tiny'])).toEqual(new Map([['m7i.large', new Set(['eu-west-1a', 'eu-west-1b', 'eu-west-1c'])], ['m1.tiny', new Set()]]));
});

it('tells of the current image, of those that machines were made from, and when they were published', async () => {
  const [{ machines }] = await readPools(connection, uid) as [PoolGroup];
  const before = await readImages(connection, uid);
  expect([...before.of.keys()].sort()).toEqual(machines.map(({ id }) => id).sort());

  alone.sandbox.ubuntu.publish();
  const { current } = await readImages(connection, uid);

  expect(current).not.toBe(before.current);
  const dates = await imageDates(connection, [before.current, current, 'ami-00000000000000000']);
  expect([...dates.keys()].sort()).toEqual([before.current, current].sort());
  expect(dates.get(before.current)).toBe('2026-11-03T00:00:00.000Z');
});
