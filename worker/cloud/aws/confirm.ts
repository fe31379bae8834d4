import {
  EC2Client, paginateDescribeInstances, paginateDescribeNatGateways, paginateDescribeTags, paginateDescribeVolumes, paginateDescribeVpcEndpoints, paginateDescribeVpcPeeringConnections,
} from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client, paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2';
import { tagKeys } from '../../../model/names.js';
import type { FoundResource } from '../cloud.js';
import { awsError, type AwsConnection } from './connection.js';

/** The last part of an ARN: EC2's own id. */
const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** States of what EC2 still shows although it is gone: instances and gateways for an hour, peerings for longer. */
const goneStates = new Set(['terminated', 'deleted', 'rejected', 'expired', 'failed']);

/**
 * What of these hits is really there. The index behind the tagging API follows its resources with a delay, so each kind that EC2 and Elastic Load
 * Balancing have is read itself; what other services have is marked as being from the index.
 */
export async function confirmed(connection: AwsConnection, hits: readonly FoundResource[]): Promise<FoundResource[]> {
  const machines = hits.filter(({ id, region }) => id.startsWith('arn:aws:ec2:') && region === connection.region);
  const balancing = hits.filter(({ id, region }) => /^arn:aws:elasticloadbalancing:[^:]*:[^:]*:(loadbalancer\/(app|net)|listener|targetgroup)\//.test(id) && region === connection.region);
  try {
    const there = new Set([...(await machinesThere(connection, machines)), ...(await balancersThere(connection, balancing))]);
    const asked = new Set([...machines, ...balancing]);
    return hits.flatMap((hit): FoundResource[] => (!asked.has(hit) ? [{ ...hit, fromIndex: true }] : there.has(hit.id) ? [hit] : []));
  } catch (error) {
    throw awsError(error, 'reading what the index of tags still shows');
  }
}

type ReadIds = (client: EC2Client, ids: string[]) => Promise<string[]>;

/** How each kind with states of its own is read; the rest is there as long as EC2 itself lists its tags. */
const readers: Readonly<Record<string, ReadIds>> = {
  instance: async (client, ids) => {
    const there: string[] = [];
    for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters: [{ Name: 'instance-id', Values: ids }] })) {
      there.push(...Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ InstanceId, State }) => living(InstanceId, State?.Name)));
    }
    return there;
  },
  natgateway: async (client, ids) => {
    const there: string[] = [];
    for await (const { NatGateways = [] } of paginateDescribeNatGateways({ client }, { Filter: [{ Name: 'nat-gateway-id', Values: ids }] })) there.push(...NatGateways.flatMap(({ NatGatewayId, State }) => living(NatGatewayId, State)));
    return there;
  },
  volume: async (client, ids) => {
    const there: string[] = [];
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client }, { Filters: [{ Name: 'volume-id', Values: ids }] })) there.push(...Volumes.flatMap(({ VolumeId, State }) => living(VolumeId, State)));
    return there;
  },
  'vpc-endpoint': async (client, ids) => {
    const there: string[] = [];
    for await (const { VpcEndpoints = [] } of paginateDescribeVpcEndpoints({ client }, { Filters: [{ Name: 'vpc-endpoint-id', Values: ids }] })) there.push(...VpcEndpoints.flatMap(({ VpcEndpointId, State }) => living(VpcEndpointId, State)));
    return there;
  },
  'vpc-peering-connection': async (client, ids) => {
    const there: string[] = [];
    for await (const { VpcPeeringConnections = [] } of paginateDescribeVpcPeeringConnections({ client }, { Filters: [{ Name: 'vpc-peering-connection-id', Values: ids }] })) {
      there.push(...VpcPeeringConnections.flatMap(({ VpcPeeringConnectionId, Status }) => living(VpcPeeringConnectionId, Status?.Code)));
    }
    return there;
  },
};

async function byTags(client: EC2Client, ids: string[]): Promise<string[]> {
  const there: string[] = [];
  for await (const { Tags = [] } of paginateDescribeTags({ client }, { Filters: [{ Name: 'resource-id', Values: ids }, { Name: 'key', Values: [tagKeys.uid] }] })) there.push(...Tags.flatMap(({ ResourceId }) => ResourceId ?? []));
  return there;
}

/** EC2 spells a NAT gateway's state in capitals in some of its interfaces. */
function living(id: string | undefined, state: string | undefined): string[] {
  return id === undefined || goneStates.has(state?.toLowerCase() ?? '') ? [] : [id];
}

async function machinesThere(connection: AwsConnection, hits: readonly FoundResource[]): Promise<string[]> {
  if (hits.length === 0) return [];
  const client = connection.client('ec2', EC2Client);
  const there = await Promise.all([...groupedByType(hits)].map(async ([type, arns]) => {
    const ids = new Set(await (readers[type] ?? byTags)(client, arns.map(idOf)));
    return arns.filter((arn) => ids.has(idOf(arn)));
  }));
  return there.flat();
}

/** ARNs by what EC2 calls their type: `instance`, `natgateway`, `subnet`, … */
function groupedByType(hits: readonly FoundResource[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { id } of hits) {
    const type = id.split(':')[5]?.split('/')[0] ?? '';
    groups.set(type, [...(groups.get(type) ?? []), id]);
  }
  return groups;
}

async function balancersThere(connection: AwsConnection, hits: readonly FoundResource[]): Promise<string[]> {
  if (hits.length === 0) return [];
  const client = connection.client('elasticloadbalancing', ElasticLoadBalancingV2Client);
  const there = new Set<string>();
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client }, {})) for (const { LoadBalancerArn } of LoadBalancers) there.add(LoadBalancerArn ?? '');
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) for (const { TargetGroupArn } of TargetGroups) there.add(TargetGroupArn ?? '');
  // A listener is there as long as its load balancer is: `listener/net/NAME/ID/ITS-OWN` belongs to `loadbalancer/net/NAME/ID`.
  return hits.map(({ id }) => id).filter((id) => there.has(id.includes(':listener/') ? id.replace(':listener/', ':loadbalancer/').slice(0, id.lastIndexOf('/') + ':loadbalancer/'.length - ':listener/'.length) : id));
}
