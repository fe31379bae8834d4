import { z } from 'zod';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { arn, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text } from '../../provider/properties.js';
import { parseInput } from './input.js';
import { recentlyDeleted } from './recently-deleted.js';

const getResourcesSchema = z.looseObject({
  TagFilters: z.array(z.looseObject({ Key: z.string().min(1), Values: z.array(z.string()).optional() })).max(50).optional(),
  ResourceTypeFilters: z.array(z.string()).optional(),
  ResourceARNList: z.array(z.string()).optional(),
  ResourcesPerPage: z.int().min(1).max(100).default(100),
  PaginationToken: z.string().optional(),
});

/** The resource tagging API: finds what carries certain tags in one region, and, as the real one, for a while what carried them. */
export function tagging(operation: string, input: unknown, { cloud, region }: { cloud: Cloud; region: string }): unknown {
  if (operation !== 'GetResources') throw new AwsError('UnknownOperationException', `the sandbox does not imitate tagging:${operation}`);
  const query = parseInput(getResourcesSchema, input);
  const found = [...cloud.inventory.list(), ...recentlyDeleted(cloud.inventory)]
    .filter((item) => item.type.startsWith('aws:') && isListed(item, region))
    .map((item) => ({ arn: arnOf(item), tags: tagMap(item.outputs['tagsAll'] ?? item.outputs['tags']) }))
    .filter((entry): entry is { arn: string; tags: Readonly<Record<string, string>> } => entry.arn !== undefined && Object.keys(entry.tags).length > 0)
    .filter(({ tags }) => (query.TagFilters ?? []).every(({ Key, Values = [] }) => tags[Key] !== undefined && (Values.length === 0 || Values.includes(tags[Key]))))
    .filter((entry) => query.ResourceARNList === undefined || query.ResourceARNList.includes(entry.arn))
    .filter((entry) => query.ResourceTypeFilters === undefined || query.ResourceTypeFilters.some((filter) => isOfType(entry.arn, filter)));
  const start = Number(query.PaginationToken || 0);
  const next = start + query.ResourcesPerPage;
  return {
    PaginationToken: next < found.length ? String(next) : '',
    ResourceTagMappingList: found.slice(start, next).map((entry) => ({ ResourceARN: entry.arn, Tags: Object.entries(entry.tags).map(([Key, Value]) => ({ Key, Value })) })),
  };
}

const unlisted: ReadonlySet<string> = new Set(['aws:iam/role:Role', 'aws:s3/bucketObjectv2:BucketObjectv2', 'aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter']);

/**
 * Global resources are listed in us-east-1 alone. Roles are not listed at all
 * (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html), nor are objects, and an accepter is no resource of its own.
 */
function isListed(item: Item, region: string): boolean {
  if (unlisted.has(item.type)) return false;
  return (item.region ?? 'us-east-1') === region;
}

/** Two SDK classes have no `arn` although EC2's resources have one. */
const ec2Kinds: Readonly<Record<string, string>> = {
  'aws:ec2/natGateway:NatGateway': 'natgateway',
  'aws:ec2/vpcPeeringConnection:VpcPeeringConnection': 'vpc-peering-connection',
};

function arnOf(item: Item): string | undefined {
  const kind = ec2Kinds[item.type];
  return kind === undefined ? text(item.outputs, 'arn') : arn('ec2', item.region ?? '', `${kind}/${item.id}`);
}

/** `ec2` or `ec2:vpc` against `arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-…`. */
function isOfType(resourceArn: string, filter: string): boolean {
  const [, , service, , , ...rest] = resourceArn.split(':');
  const [wantedService, wantedKind] = filter.split(':');
  const kind = rest.join(':').split(/[/:]/)[0];
  return service === wantedService && (wantedKind === undefined || wantedKind === '' || wantedKind.split('/')[0] === kind);
}
