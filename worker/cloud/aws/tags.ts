import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { tagKeys } from '../../../model/names.js';
import type { FoundResource } from '../index.js';
import { awsError, type AwsConnection } from './connection.js';

/** IAM and Route 53 are global: their tags are found in this region only. */
const globalRegion = 'us-east-1';

/** Everything in the account that carries the cluster's uid, in its region and among the global services. */
export async function findByUid(connection: AwsConnection, uid: string): Promise<FoundResource[]> {
  const found = await Promise.all([...new Set([connection.region, globalRegion])].map((region) => search(connection, region, uid)));
  return [...new Map(found.flat().map((resource) => [resource.id, resource])).values()];
}

async function search(connection: AwsConnection, region: string, uid: string): Promise<FoundResource[]> {
  const client = new ResourceGroupsTaggingAPIClient(connection.configuration('resourcegroupstaggingapi', region));
  try {
    const found: FoundResource[] = [];
    for await (const { ResourceTagMappingList = [] } of paginateGetResources({ client, pageSize: 100 }, { TagFilters: [{ Key: tagKeys.uid, Values: [uid] }] })) {
      for (const { ResourceARN: id, Tags = [] } of ResourceTagMappingList) {
        if (id !== undefined) found.push({ id, kind: kindOfArn(id), region, part: Tags.find(({ Key }) => Key === tagKeys.resource)?.Value });
      }
    }
    return found;
  } catch (error) {
    throw awsError(error, `looking for resources by tag in ${region}`);
  } finally {
    client.destroy();
  }
}

/** The kind of a resource by its ARN: `ec2:vpc`, `s3:bucket`, `iam:instance-profile`. */
export function kindOfArn(arn: string): string {
  const [, , service = 'unknown', , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 's3') return 's3:bucket';
  // Target groups, listeners and load balancers are all of elasticloadbalancing; `resource` is `type/…` or `type:…`.
  const type = /^\/?([A-Za-z-]+)[/:]/.exec(resource)?.[1];
  return `${service}:${type ?? resource}`;
}
