import { EC2Client, paginateDescribeInstanceTypeOfferings } from '@aws-sdk/client-ec2';
import type { Offers } from '../cloud.js';
import { calling, type AwsConnection } from './connection.js';

/** The zones of the region that offer machine types. That a zone offers one does not say that it has one to spare. */
export async function offers(connection: AwsConnection, machineTypes: readonly string[]): Promise<Offers> {
  const found = new Map<string, Set<string>>(machineTypes.map((type) => [type, new Set()]));
  await calling(connection.client('ec2', EC2Client), 'reading which machine types are offered', async (client) => {
    const pages = paginateDescribeInstanceTypeOfferings({ client }, { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: [...machineTypes] }] });
    for await (const { InstanceTypeOfferings = [] } of pages) {
      for (const { InstanceType, Location } of InstanceTypeOfferings) if (InstanceType !== undefined && Location !== undefined) found.get(InstanceType)?.add(Location);
    }
  });
  return found;
}
