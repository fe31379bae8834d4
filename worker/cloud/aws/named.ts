import { AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { physicalName, tagKeys } from '../../../model/names.js';
import type { ClusterScope, FoundResource } from '../cloud.js';
import { awsError, globalRegion, type AwsConnection } from './connection.js';

/** Kinds that the tagging API does not have, or not everywhere: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html */
export const namedKinds: readonly string[] = ['aws:autoscaling/group:Group', 'aws:iam/role:Role'];

/** What of a cluster is found by its service's own means: roles by the name's beginning, auto-scaling groups by their tags. */
export async function findNamed(connection: AwsConnection, scope: ClusterScope): Promise<FoundResource[]> {
  try {
    return (await Promise.all([roles(connection, scope), groups(connection, scope)])).flat();
  } catch (error) {
    throw awsError(error, `looking for roles and groups of ${scope.name} by name`);
  }
}

async function roles(connection: AwsConnection, scope: ClusterScope): Promise<FoundResource[]> {
  const client = connection.client('iam', IAMClient, { region: globalRegion });
  const beginning = physicalName(scope, '');
  const found: FoundResource[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client }, {})) {
    for (const { Arn: id, RoleName: name } of Roles) {
      if (id !== undefined && name?.startsWith(beginning)) found.push({ id, kind: 'aws:iam/role:Role', region: globalRegion, part: name.slice(beginning.length) });
    }
  }
  return found;
}

async function groups(connection: AwsConnection, { uid }: ClusterScope): Promise<FoundResource[]> {
  const client = connection.client('autoscaling', AutoScalingClient);
  const found: FoundResource[] = [];
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, { Filters: [{ Name: `tag:${tagKeys.uid}`, Values: [uid] }] })) {
    for (const { AutoScalingGroupARN: id, AutoScalingGroupName: name } of AutoScalingGroups) {
      if (id !== undefined) found.push({ id, kind: 'aws:autoscaling/group:Group', region: connection.region, part: name });
    }
  }
  return found;
}
