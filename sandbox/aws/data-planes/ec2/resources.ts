import type { Item } from '../../../inventory/item.js';
import { tagMap } from '../../../inventory/tags.js';
import { AwsError } from '../../errors.js';
import { number, text } from '../../../provider/properties.js';
import { resourceType } from '../../types/index.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { filtersOf, numbered, tagSet, tagValues, type Ec2Context } from './query.js';

/** One kind of resource as a Describe call shows it. */
interface Described {
  readonly token: string;
  /** Parameter with the ids asked for, and the filter that means the id. */
  readonly ids: string;
  readonly idFilter: string;
  /** Element around all items. */
  readonly set: string;
  readonly missing: string;
  /** Filters beside tags and id. */
  readonly filters: Readonly<Record<string, (item: Item, context: Ec2Context) => readonly string[]>>;
  shown(item: Item, context: Ec2Context): string;
}

const output = (name: string) => (item: Item): string[] => [text(item.outputs, name) ?? ''];

/** The Describe calls that are served, by action. What is deleted is not shown any more, where EC2 shows some of it as deleted for a while. */
export const described: Readonly<Record<string, Described>> = {
  DescribeVpcs: {
    token: tokens.vpc, ids: 'VpcId', idFilter: 'vpc-id', set: 'vpcSet', missing: 'InvalidVpcID.NotFound', filters: { cidr: output('cidrBlock') },
    shown: (item) => element('vpcId', item.id) + element('state', 'available') + element('cidrBlock', text(item.outputs, 'cidrBlock')) + element('isDefault', false),
  },
  DescribeVolumes: {
    token: tokens.volume, ids: 'VolumeId', idFilter: 'volume-id', set: 'volumeSet', missing: 'InvalidVolume.NotFound',
    filters: { status: (item, context) => [attachmentsOf(item, context).length > 0 ? 'in-use' : 'available'], 'availability-zone': output('availabilityZone') },
    shown(item, context) {
      const attachments = attachmentsOf(item, context);
      const shown = attachments.map(({ outputs }) => element('item', element('volumeId', item.id) + element('instanceId', text(outputs, 'instanceId')) + element('device', text(outputs, 'deviceName')) + element('status', 'attached'), 'elements'));
      return element('volumeId', item.id) + element('size', number(item.outputs, 'size')) + element('availabilityZone', text(item.outputs, 'availabilityZone')) + element('volumeType', text(item.outputs, 'type'))
        + element('status', attachments.length > 0 ? 'in-use' : 'available') + element('attachmentSet', shown.join(''), 'elements');
    },
  },
  // Those that are attached to nothing: the others are ids only, and come and go with what they are attached to.
  DescribeNetworkInterfaces: {
    token: tokens.networkInterface, ids: 'NetworkInterfaceId', idFilter: 'network-interface-id', set: 'networkInterfaceSet', missing: 'InvalidNetworkInterfaceID.NotFound',
    filters: { status: () => ['available'], 'subnet-id': output('subnetId'), 'vpc-id': (item, context) => [networkOf(item, context)] },
    shown: (item, context) => element('networkInterfaceId', item.id) + element('subnetId', text(item.outputs, 'subnetId')) + element('vpcId', networkOf(item, context)) + element('status', 'available') + element('privateIpAddress', text(item.outputs, 'privateIp')),
  },
  DescribeNatGateways: {
    token: tokens.natGateway, ids: 'NatGatewayId', idFilter: 'nat-gateway-id', set: 'natGatewaySet', missing: 'NatGatewayNotFound', filters: { 'subnet-id': output('subnetId'), state: () => ['available'] },
    shown: (item) => element('natGatewayId', item.id) + element('subnetId', text(item.outputs, 'subnetId')) + element('state', 'available'),
  },
  DescribeVpcEndpoints: {
    token: tokens.vpcEndpoint, ids: 'VpcEndpointId', idFilter: 'vpc-endpoint-id', set: 'vpcEndpointSet', missing: 'InvalidVpcEndpointId.NotFound', filters: { 'vpc-id': output('vpcId') },
    shown: (item) => element('vpcEndpointId', item.id) + element('vpcId', text(item.outputs, 'vpcId')) + element('serviceName', text(item.outputs, 'serviceName')) + element('state', 'available'),
  },
  DescribeVpcPeeringConnections: {
    token: tokens.peering, ids: 'VpcPeeringConnectionId', idFilter: 'vpc-peering-connection-id', set: 'vpcPeeringConnectionSet', missing: 'InvalidVpcPeeringConnectionID.NotFound', filters: {},
    shown: (item) => element('vpcPeeringConnectionId', item.id) + element('status', element('code', 'active') + element('message', 'Active'), 'elements'),
  },
};

/** The VPC of what stands in a subnet. */
function networkOf({ outputs }: Item, { cloud }: Ec2Context): string {
  return text(cloud.inventory.get(tokens.subnet, text(outputs, 'subnetId') ?? '')?.outputs ?? {}, 'vpcId') ?? '';
}

function attachmentsOf(volume: Item, { cloud }: Ec2Context): Item[] {
  return cloud.inventory.ofType(tokens.volumeAttachment).filter(({ outputs }) => text(outputs, 'volumeId') === volume.id);
}

/** Answers a Describe call, whole: there are no pages. @throws AwsError for an id that does not exist or a filter that is not served. */
export function describe(kind: Described, form: URLSearchParams, context: Ec2Context): string {
  const { inventory } = context.cloud;
  const ids = numbered(form, kind.ids);
  const missing = ids.find((id) => inventory.get(kind.token, id) === undefined);
  if (missing !== undefined) throw new AwsError(kind.missing, `The id '${missing}' does not exist`);
  const filters = filtersOf(form);
  const found = inventory.ofType(kind.token)
    .filter((item) => item.region === context.region && (ids.length === 0 || ids.includes(item.id)))
    .filter((item) => filters.every(({ name, values }) => filterValues(kind, item, name, context).some((value) => values.includes(value))));
  return element(kind.set, found.map((item) => element('item', kind.shown(item, context) + tagSet(item), 'elements')).join(''), 'elements');
}

function filterValues(kind: Described, item: Item, name: string, context: Ec2Context): readonly string[] {
  const byTag = tagValues(item, name);
  if (byTag !== undefined) return byTag;
  if (name === kind.idFilter) return [item.id];
  const values = kind.filters[name];
  if (values === undefined) throw new AwsError('InvalidParameterValue', `the sandbox does not imitate the filter '${name}' here`);
  return values(item, context);
}

/** DescribeTags: which tags a resource of EC2 carries, by its id. */
export function describeTags(form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const filters = filtersOf(form);
  const unknown = filters.find(({ name }) => !['resource-id', 'key', 'value'].includes(name));
  if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `the sandbox does not imitate the filter '${unknown.name}' here`);
  const wanted = (name: string, value: string): boolean => filters.filter((filter) => filter.name === name).every(({ values }) => values.includes(value));
  const ofEc2 = cloud.inventory.list().filter((item) => item.region === region && /^aws:(ec2|ebs|vpc)\//.test(item.type) && wanted('resource-id', item.id));
  const rows = ofEc2.flatMap((item) => Object.entries(tagMap(item.outputs['tagsAll'])).filter(([key, value]) => wanted('key', key) && wanted('value', value))
    .map(([key, value]) => element('item', element('resourceId', item.id) + element('key', key) + element('value', value), 'elements')));
  return element('tagSet', rows.join(''), 'elements');
}

/** DeleteVolume and its like: deletes one item by id, or refuses as EC2 does. */
export function deleteOne(token: string, id: string, missing: string, { cloud }: Ec2Context): string {
  const item = cloud.inventory.get(token, id);
  if (item === undefined) throw new AwsError(missing, `The id '${id}' does not exist`);
  const blocker = resourceType(token).blocker?.(item, cloud);
  if (blocker !== undefined) throw blocker;
  cloud.inventory.delete(item);
  return element('return', true);
}

