import { accountId, arn } from '../cloud.js';
import { atMostOne, cidr, exactlyOne, json, oneOf } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { AwsError } from '../errors.js';
import { ec2Id, hex } from '../ids.js';
import { text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { dependencyViolation, parentBy, referred, refers, usersOf } from './references.js';
import * as tokens from './tokens.js';

export const routeTable: ResourceType = {
  token: tokens.routeTable,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['vpcId', 'region'],
  checks: [cidr('routes[].cidrBlock', 0, 32)],
  references: [refers('vpcId', tokens.vpc), refers('routes[].natGatewayId', tokens.natGateway), refers('routes[].gatewayId', tokens.internetGateway)],
  id: () => ec2Id('rtb'),
  computed: ({ region }, id) => ({ arn: arn('ec2', region, `route-table/${id}`), ownerId: accountId }),
  parent: parentBy('vpcId', tokens.vpc),
  blocker(item, cloud) {
    const [user] = usersOf(item, cloud, tokens.routeTableAssociation, 'routeTableId');
    return user === undefined ? undefined : dependencyViolation('routeTable', item, user);
  },
};

const destinations = ['destinationCidrBlock', 'destinationIpv6CidrBlock', 'destinationPrefixListId'];
const targets = [
  'carrierGatewayId', 'coreNetworkArn', 'egressOnlyGatewayId', 'gatewayId', 'localGatewayId', 'natGatewayId', 'networkInterfaceId',
  'odbNetworkArn', 'transitGatewayId', 'vpcEndpointId', 'vpcPeeringConnectionId',
];

export const route: ResourceType = {
  token: tokens.route,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['routeTableId', ...destinations, 'region'],
  checks: [cidr('destinationCidrBlock', 0, 32), exactlyOne(...destinations), exactlyOne(...targets)],
  references: [
    refers('routeTableId', tokens.routeTable),
    refers('gatewayId', tokens.internetGateway),
    refers('natGatewayId', tokens.natGateway),
    refers('vpcEndpointId', tokens.vpcEndpoint),
    refers('vpcPeeringConnectionId', tokens.peering),
  ],
  admit(request) {
    const table = referred(request, 'routeTableId', tokens.routeTable);
    const destination = destinationOf(request);
    const other = request.cloud.inventory.childrenOf(table, tokens.route).find((item) => destinations.some((name) => text(item.outputs, name) === destination));
    if (other !== undefined && other.id !== request.existing?.id) {
      throw new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists in ${table.id}.`);
    }
    const network = request.cloud.inventory.get(tokens.vpc, text(table.outputs, 'vpcId') ?? '');
    if (network !== undefined && text(network.outputs, 'cidrBlock') === destination) {
      throw new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists: it is the local route of ${table.id}.`);
    }
    const gateway = request.cloud.inventory.get(tokens.internetGateway, text(request.inputs, 'gatewayId') ?? '');
    if (gateway !== undefined && text(gateway.outputs, 'vpcId') !== text(table.outputs, 'vpcId')) {
      throw new AwsError('InvalidParameterValue', `route table ${table.id} and network gateway ${gateway.id} belong to different networks`);
    }
  },
  // The provider builds the id from table and destination; it hashes, and only needs to be unique.
  id: (request) => `r-${text(request.inputs, 'routeTableId') ?? ''}${destinationOf(request).replaceAll(/[./:]/g, '')}`,
  // "ROUTETABLEID_DESTINATION"
  imported: (id, cloud) => cloud.inventory.ofType(tokens.route).find(({ outputs }) => destinations.some((name) => `${text(outputs, 'routeTableId') ?? ''}_${text(outputs, name) ?? ''}` === id)),
  computed: () => ({ origin: 'CreateRoute', state: 'active' }),
  parent: parentBy('routeTableId', tokens.routeTable),
};

function destinationOf({ inputs }: Request): string {
  return destinations.map((name) => text(inputs, name)).find((value) => value !== undefined) ?? '';
}

export const routeTableAssociation: ResourceType = {
  token: tokens.routeTableAssociation,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['subnetId', 'gatewayId', 'region'],
  checks: [exactlyOne('subnetId', 'gatewayId')],
  references: [refers('routeTableId', tokens.routeTable), refers('subnetId', tokens.subnet), refers('gatewayId', tokens.internetGateway)],
  admit(request) {
    const subnetId = text(request.inputs, 'subnetId');
    if (subnetId === undefined) return;
    const other = request.cloud.inventory.ofType(tokens.routeTableAssociation).find((item) => text(item.outputs, 'subnetId') === subnetId);
    if (other !== undefined && other.id !== request.existing?.id) {
      throw new AwsError('Resource.AlreadyAssociated', `the specified association for route table ${text(request.inputs, 'routeTableId') ?? ''} conflicts with an existing association (${other.id})`);
    }
    const subnet = referred(request, 'subnetId', tokens.subnet);
    const table = referred(request, 'routeTableId', tokens.routeTable);
    if (text(subnet.outputs, 'vpcId') !== text(table.outputs, 'vpcId')) {
      throw new AwsError('InvalidParameterValue', `route table ${table.id} and subnet ${subnet.id} belong to different networks`);
    }
  },
  id: () => ec2Id('rtbassoc'),
  // "SUBNETID/ROUTETABLEID"
  imported: (id, cloud) => cloud.inventory.ofType(tokens.routeTableAssociation).find(({ outputs }) => `${text(outputs, 'subnetId') ?? ''}/${text(outputs, 'routeTableId') ?? ''}` === id),
  parent: parentBy('routeTableId', tokens.routeTable),
};

export const vpcEndpoint: ResourceType = {
  token: tokens.vpcEndpoint,
  latency: { create: 40, update: 10, delete: 40 },
  replaces: ['vpcId', 'serviceName', 'vpcEndpointType', 'resourceConfigurationArn', 'serviceNetworkArn', 'region'],
  defaults: { vpcEndpointType: 'Gateway', privateDnsEnabled: false },
  checks: [oneOf('vpcEndpointType', ['Gateway', 'GatewayLoadBalancer', 'Interface', 'Resource', 'ServiceNetwork']), json('policy', 20_480)],
  references: [refers('vpcId', tokens.vpc), refers('subnetIds[]', tokens.subnet), refers('securityGroupIds[]', tokens.securityGroup), refers('routeTableIds[]', tokens.routeTable)],
  admit(request) {
    const { inputs, cloud, region, existing } = request;
    const network = referred(request, 'vpcId', tokens.vpc);
    const service = text(inputs, 'serviceName') ?? '';
    if (!service.startsWith(`com.amazonaws.${region}.`) && !service.startsWith('com.amazonaws.vpce.')) {
      throw new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${service}' does not exist`);
    }
    const isInterface = text(inputs, 'vpcEndpointType') === 'Interface';
    const privateNames = inputs['privateDnsEnabled'] === true;
    if (isInterface && privateNames && (network.outputs['enableDnsSupport'] !== true || network.outputs['enableDnsHostnames'] !== true)) {
      throw new AwsError('InvalidParameter', `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${network.id}`);
    }
    const twin = cloud.inventory.childrenOf(network, tokens.vpcEndpoint).find((other) => other.id !== existing?.id && text(other.outputs, 'serviceName') === service && privateNames && other.outputs['privateDnsEnabled'] === true);
    if (twin !== undefined) throw new AwsError('InvalidParameter', `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service} in the VPC ${network.id} (${twin.id})`);
    const zones = texts(inputs, 'subnetIds').map((id) => text(cloud.inventory.get(tokens.subnet, id)?.outputs ?? {}, 'availabilityZone'));
    if (new Set(zones).size !== zones.length) throw new AwsError('DuplicateSubnetsInSameZone', 'Found another VPC endpoint subnet in the availability zone');
  },
  id: () => ec2Id('vpce'),
  computed({ region, inputs }, id) {
    const service = text(inputs, 'serviceName') ?? '';
    const isInterface = text(inputs, 'vpcEndpointType') === 'Interface';
    return {
      arn: arn('ec2', region, `vpc-endpoint/${id}`),
      ownerId: accountId,
      state: 'available',
      requesterManaged: false,
      networkInterfaceIds: isInterface ? texts(inputs, 'subnetIds').map(() => ec2Id('eni')) : [],
      dnsEntries: isInterface ? [{ dnsName: `${id}-${hex(8)}.${service.split('.').slice(3).join('.')}.${region}.vpce.amazonaws.com`, hostedZoneId: 'Z38GZ743OKFT7T' }] : [],
      ...(isInterface ? {} : { prefixListId: `pl-${hex(8)}`, cidrBlocks: ['52.218.0.0/17'] }),
    };
  },
  parent: parentBy('vpcId', tokens.vpc),
};

export const flowLog: ResourceType = {
  token: tokens.flowLog,
  latency: { create: 2, update: 1, delete: 1 },
  replaces: ['deliverCrossAccountRole', 'destinationOptions', 'eniId', 'iamRoleArn', 'logDestination', 'logDestinationType', 'logFormat', 'maxAggregationInterval', 'subnetId', 'trafficType', 'transitGatewayAttachmentId', 'transitGatewayId', 'vpcId', 'region'],
  defaults: { logDestinationType: 'cloud-watch-logs', maxAggregationInterval: 600 },
  checks: [
    oneOf('logDestinationType', ['cloud-watch-logs', 's3', 'kinesis-data-firehose']),
    oneOf('maxAggregationInterval', [60, 600]),
    oneOf('trafficType', ['ACCEPT', 'REJECT', 'ALL']),
    exactlyOne('eniId', 'regionalNatGatewayId', 'subnetId', 'transitGatewayAttachmentId', 'transitGatewayId', 'vpcId'),
  ],
  references: [refers('vpcId', tokens.vpc), refers('subnetId', tokens.subnet), refers('iamRoleArn', tokens.role)],
  admit({ inputs, cloud }) {
    const kind = text(inputs, 'logDestinationType') ?? 'cloud-watch-logs';
    const destination = text(inputs, 'logDestination') ?? '';
    if (kind === 'cloud-watch-logs') {
      if (text(inputs, 'iamRoleArn') === undefined) throw new AwsError('InvalidParameter', 'DeliverLogsPermissionArn is required for LogDestinationType cloud-watch-logs');
      const group = destination.replace(/:\*$/, '');
      if (!cloud.inventory.ofType(tokens.logGroup).some((item) => text(item.outputs, 'arn') === group)) throw new AwsError('InvalidParameter', `LogDestination: ${destination} does not exist`);
    }
    if (kind === 's3' && cloud.inventory.get(tokens.bucket, /^arn:aws:s3:::([^/]+)/.exec(destination)?.[1] ?? '') === undefined) {
      throw new AwsError('InvalidParameter', `LogDestination: ${destination} does not exist`);
    }
  },
  id: () => ec2Id('fl'),
  computed: ({ region }, id) => ({ arn: arn('ec2', region, `vpc-flow-log/${id}`) }),
  parent: parentBy('vpcId', tokens.vpc),
};

export const peering: ResourceType = {
  token: tokens.peering,
  latency: { create: 3, update: 1, delete: 2 },
  replaces: ['peerOwnerId', 'peerRegion', 'peerVpcId', 'vpcId', 'region'],
  defaults: { peerOwnerId: accountId },
  checks: [atMostOne('autoAccept', 'peerRegion')],
  references: [refers('vpcId', tokens.vpc), refers('peerVpcId', tokens.vpc)],
  admit(request) {
    if (request.existing !== undefined) return;
    const [own, peer] = [referred(request, 'vpcId', tokens.vpc), referred(request, 'peerVpcId', tokens.vpc)];
    const ranges = [own, peer].map((network) => Cidr.parse(text(network.outputs, 'cidrBlock') ?? ''));
    if (ranges[0] === undefined || ranges[1] === undefined || ranges[0].overlaps(ranges[1])) {
      throw new AwsError('InvalidVpcPeeringConnection.Failed', `unexpected state 'failed', wanted target 'active, pending-acceptance'. last error: Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range (${own.id}, ${peer.id})`);
    }
  },
  id: () => ec2Id('pcx'),
  computed: ({ inputs }) => ({ acceptStatus: inputs['autoAccept'] === true ? 'active' : 'pending-acceptance' }),
  parent: parentBy('vpcId', tokens.vpc),
};

export const peeringAccepter: ResourceType = {
  token: tokens.peeringAccepter,
  latency: { create: 3, update: 1, delete: 0 },
  replaces: ['vpcPeeringConnectionId', 'region'],
  references: [refers('vpcPeeringConnectionId', tokens.peering)],
  id: ({ inputs }) => text(inputs, 'vpcPeeringConnectionId') ?? '',
  computed(request) {
    const connection = referred(request, 'vpcPeeringConnectionId', tokens.peering);
    const peer = request.cloud.inventory.get(tokens.vpc, text(connection.outputs, 'peerVpcId') ?? '');
    return {
      acceptStatus: request.inputs['autoAccept'] === true ? 'active' : 'pending-acceptance',
      peerOwnerId: accountId,
      peerRegion: peer?.region ?? request.region,
      peerVpcId: text(connection.outputs, 'vpcId') ?? '',
      vpcId: text(connection.outputs, 'peerVpcId') ?? '',
    };
  },
  parent: parentBy('vpcPeeringConnectionId', tokens.peering),
};
