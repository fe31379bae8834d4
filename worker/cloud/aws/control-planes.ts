import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { tagKeys } from '../../../model/names.js';
import type { ControlPlaneMachine } from '../cloud.js';
import { isControlPlanePart } from '../parts.js';
import { awsError, type AwsConnection } from './connection.js';

/** States of instances that are not about to be gone. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
const present = ['pending', 'running', 'stopping', 'stopped'];

/** The instances of a cluster's control plane. */
export async function readControlPlanes(connection: AwsConnection, uid: string): Promise<ControlPlaneMachine[]> {
  const client = new EC2Client(connection.configuration('ec2'));
  const found: ControlPlaneMachine[] = [];
  try {
    for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters: [{ Name: `tag:${tagKeys.uid}`, Values: [uid] }, { Name: 'instance-state-name', Values: present }] })) {
      for (const { InstanceId: id, Tags = [] } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
        const part = Tags.find(({ Key }) => Key === tagKeys.resource)?.Value;
        if (id !== undefined && isControlPlanePart(part)) found.push({ part, id });
      }
    }
    return found;
  } catch (error) {
    throw awsError(error, 'reading the cluster\'s control planes');
  } finally {
    client.destroy();
  }
}
