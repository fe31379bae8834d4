import { DescribeRouteTablesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { AwsAccount } from '../../../model/accounts.js';
import { awsError, type AwsConnection } from './connection.js';

/** What is wrong with the worker's network as the account's reach names it: it, its addresses and its route tables are looked for in the connection's region. */
export async function reachFault(connection: AwsConnection, reach: AwsAccount['reach']): Promise<string | undefined> {
  if (reach.type !== 'peering') return undefined;
  const { vpcId, cidr, routeTableIds } = reach;
  const ec2 = connection.client('ec2', EC2Client);
  try {
    const { Vpcs: [network] = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
    const own = [network?.CidrBlock, ...(network?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock)].filter((block) => block !== undefined);
    if (!own.includes(cidr)) return `names ${cidr} for ${vpcId}, which has ${own.join(', ')}`;
    const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: routeTableIds }));
    const foreign = RouteTables.filter(({ VpcId }) => VpcId !== vpcId).map(({ RouteTableId = '' }) => RouteTableId);
    return foreign.length === 0 ? undefined : `names ${foreign.join(', ')}, not in ${vpcId}`;
  } catch (error) {
    if (error instanceof Error && /NotFound|Malformed/.test(error.name)) return `names what is not in ${connection.region}: ${error.message}`;
    throw awsError(error, `looking for the worker's network ${vpcId}`);
  }
}
