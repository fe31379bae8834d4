import { EC2Client, paginateDescribeInstances, StartInstancesCommand, StopInstancesCommand, type Filter, type Instance } from '@aws-sdk/client-ec2';
import { tagKeys } from '../../../model/names.js';
import type { ControlPlaneMachine, Power } from '../cloud.js';
import { isControlPlanePart } from '../parts.js';
import { calling, type AwsConnection } from './connection.js';

/** Whether an instance runs, by its state; those of others are about to be gone. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
const powerOfState: Readonly<Record<string, Power | undefined>> = { running: 'on', stopped: 'off', pending: 'changing', stopping: 'changing' };

/** The instances of a cluster's control plane. */
export async function readControlPlanes(connection: AwsConnection, uid: string): Promise<ControlPlaneMachine[]> {
  const found = await presentInstances(connection, 'reading the cluster\'s control planes', { Name: `tag:${tagKeys.uid}`, Values: [uid] });
  return found.flatMap(({ id, power, Tags = [] }) => {
    const part = Tags.find(({ Key }) => Key === tagKeys.resource)?.Value;
    return isControlPlanePart(part) ? [{ part, id, power }] : [];
  });
}

/** Whether instances run; those that have ended are left out. Asked by a filter: an id that is no more would be an error. */
export async function powerOf(connection: AwsConnection, machines: readonly string[]): Promise<Map<string, Power>> {
  const found = await presentInstances(connection, 'reading the control planes\' instances', { Name: 'instance-id', Values: [...machines] });
  return new Map(found.map(({ id, power }) => [id, power]));
}

/** Stopped instances keep their volumes and their private address: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html */
export async function switchMachines(connection: AwsConnection, machines: readonly string[], to: 'on' | 'off'): Promise<void> {
  const input = { InstanceIds: [...machines] };
  await calling(connection.client('ec2', EC2Client), `${to === 'on' ? 'starting' : 'stopping'} the control planes' instances`, async (client) => {
    await (to === 'on' ? client.send(new StartInstancesCommand(input)) : client.send(new StopInstancesCommand(input)));
  });
}

/** The instances that a filter matches and that have not ended. */
export async function presentInstances(connection: AwsConnection, doing: string, filter: Filter): Promise<(Instance & { readonly id: string; readonly power: Power })[]> {
  const Filters = [filter, { Name: 'instance-state-name', Values: Object.keys(powerOfState) }];
  return calling(connection.client('ec2', EC2Client), doing, async (client) => {
    const found: Instance[] = [];
    for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters })) found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
    return found.flatMap((instance) => {
      const [id, power] = [instance.InstanceId, powerOfState[instance.State?.Name ?? '']];
      return id === undefined || power === undefined ? [] : [{ ...instance, id, power }];
    });
  });
}
