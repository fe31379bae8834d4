import { setTimeout as wait } from 'node:timers/promises';
import {
  AutoScalingClient, paginateDescribeAutoScalingGroups, TerminateInstanceInAutoScalingGroupCommand, UpdateAutoScalingGroupCommand, type AutoScalingGroup, type Instance,
} from '@aws-sdk/client-auto-scaling';
import { isClusterwrightError } from '../../../model/errors.js';
import { tagKeys } from '../../../model/names.js';
import type { PoolGroup, PoolMachine, PoolSize } from '../cloud.js';
import { poolOfPart } from '../parts.js';
import { calling, type AwsConnection } from './connection.js';

/** Pauses between the attempts at ending a machine, in milliseconds. */
const pauses = [1_000, 2_000, 4_000, 8_000];

/** The auto-scaling groups of a cluster's pools. */
export async function readPools(connection: AwsConnection, uid: string): Promise<PoolGroup[]> {
  return withClient(connection, 'reading the cluster\'s auto-scaling groups', (client) => groupsOf(client, uid));
}

/**
 * A group whose number is its smallest already refuses to lower it: then the smallest goes down by one first, and by no more, so that a bound of the spec is in the cloud only when
 * the last machine goes. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
 */
export async function endMachine(connection: AwsConnection, uid: string, { group, capacity, minNodes }: PoolGroup, machine: PoolMachine): Promise<void> {
  const doing = `ending the machine ${machine.id} of ${group}`;
  await withClient(connection, doing, async (client) => {
    if (capacity <= minNodes) await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: capacity - 1 }));
  });
  // Not repeated by the client: it would lower the number again where only the answer was lost. What has become of the machine is looked up instead.
  for (let attempt = 0; ; attempt += 1) {
    try {
      await withClient(connection, doing, (client) => client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: machine.id, ShouldDecrementDesiredCapacity: true })), { maxAttempts: 1 });
      return;
    } catch (error) {
      const there = (await readPools(connection, uid)).find((pool) => pool.group === group)?.machines.find(({ id }) => id === machine.id);
      if (there === undefined || there.leaving) return;
      const pause = isClusterwrightError(error) && error.code === 'cloud-credentials' ? undefined : pauses[attempt];
      if (pause === undefined) throw error;
      await wait(pause);
    }
  }
}

/** A group follows its smallest number by itself. */
export async function raisePool(connection: AwsConnection, { group }: PoolGroup, minNodes: number): Promise<void> {
  await withClient(connection, `raising ${group} to ${minNodes} machines`, (client) => client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, MinSize: minNodes })));
}

/** Both in one call: a number above the largest is refused. */
export async function resizePool(connection: AwsConnection, { group }: PoolGroup, { minNodes, capacity, maxNodes }: PoolSize): Promise<void> {
  const bounds = { MaxSize: maxNodes, ...(minNodes === undefined ? {} : { MinSize: minNodes }) };
  await withClient(connection, `resizing ${group} to ${capacity} machines`, (client) => client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, ...bounds, DesiredCapacity: capacity })));
}

async function groupsOf(client: AutoScalingClient, uid: string): Promise<PoolGroup[]> {
  const found: PoolGroup[] = [];
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, { Filters: [{ Name: `tag:${tagKeys.uid}`, Values: [uid] }] })) {
    found.push(...AutoScalingGroups.flatMap((group) => poolGroup(group) ?? []));
  }
  return found;
}

/** A group that is being deleted has a status, and is no pool any more. */
function poolGroup({ AutoScalingGroupName: group, MinSize: minNodes, MaxSize: maxNodes, DesiredCapacity: capacity, Instances = [], Tags = [], Status }: AutoScalingGroup): PoolGroup | undefined {
  const pool = poolOfPart(Tags.find(({ Key }) => Key === tagKeys.resource)?.Value);
  if (pool === undefined || group === undefined || minNodes === undefined || maxNodes === undefined || capacity === undefined || Status !== undefined) return undefined;
  return { pool, group, minNodes, maxNodes, capacity, machines: Instances.flatMap((instance) => poolMachine(instance) ?? []) };
}

/** The provider id is that of `templates/nodes/aws`. States: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
function poolMachine({ InstanceId: id, AvailabilityZone: zone, LifecycleState: state }: Instance): PoolMachine | undefined {
  return id === undefined ? undefined : { id, providerId: `aws:///${zone ?? ''}/${id}`, leaving: /^(Terminat|Detach)/.test(state ?? '') };
}

async function withClient<T>(connection: AwsConnection, doing: string, call: (client: AutoScalingClient) => Promise<T>, more: { maxAttempts?: number } = {}): Promise<T> {
  return calling(connection.client('autoscaling', AutoScalingClient, more), doing, call);
}
