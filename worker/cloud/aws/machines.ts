import { DescribeInstancesCommand, EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import type { Power } from '../cloud.js';
import { awsError, type AwsConnection } from './connection.js';

/** States: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
const powerOfState: Readonly<Record<string, Power | undefined>> = { running: 'on', stopped: 'off', pending: 'changing', stopping: 'changing' };

/** Whether instances run; those that have ended are left out. Asked by a filter: an id that is no more would be an error. */
export async function powerOf(connection: AwsConnection, machines: readonly string[]): Promise<Map<string, Power>> {
  const { Reservations = [] } = await withClient(connection, 'reading the control planes\' instances', (client) => client.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...machines] }] })));
  return new Map(Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId: id, State }) => {
    const power = powerOfState[State?.Name ?? ''];
    return id === undefined || power === undefined ? [] : [[id, power] as const];
  }));
}

/** Stopped instances keep their volumes and their private address: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html */
export async function switchMachines(connection: AwsConnection, machines: readonly string[], to: 'on' | 'off'): Promise<void> {
  const InstanceIds = [...machines];
  if (to === 'on') await withClient(connection, 'starting the control planes\' instances', (client) => client.send(new StartInstancesCommand({ InstanceIds })));
  else await withClient(connection, 'stopping the control planes\' instances', (client) => client.send(new StopInstancesCommand({ InstanceIds })));
}

async function withClient<T>(connection: AwsConnection, doing: string, act: (client: EC2Client) => Promise<T>): Promise<T> {
  const client = new EC2Client(connection.configuration('ec2'));
  try {
    return await act(client);
  } catch (error) {
    throw awsError(error, doing);
  } finally {
    client.destroy();
  }
}
