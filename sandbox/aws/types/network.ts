import { accountId, arn } from '../cloud.js';
import { atMostOne, cidr, oneOf, rule } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { AwsError } from '../errors.js';
import { ec2Id } from '../ids.js';
import { text } from '../../provider/properties.js';
import { zonesOf } from '../regions.js';
import type { ResourceType } from '../resource-type.js';
import { privateAddress, publicAddress } from '../addresses.js';
import { dependencyViolation, firstUser, parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';

export const vpc: ResourceType = {
  token: tokens.vpc,
  latency: { create: 12, update: 2, delete: 1 },
  replaces: ['cidrBlock', 'ipv4IpamPoolId', 'ipv4NetmaskLength', 'region'],
  defaults: { enableDnsHostnames: false, enableDnsSupport: true, instanceTenancy: 'default', enableNetworkAddressUsageMetrics: false, assignGeneratedIpv6CidrBlock: false },
  checks: [
    cidr('cidrBlock', 16, 28),
    oneOf('instanceTenancy', ['default', 'dedicated']),
    rule(['cidrBlock', 'ipv4IpamPoolId'], (inputs) => (inputs['cidrBlock'] === undefined && inputs['ipv4IpamPoolId'] === undefined ? 'one of cidrBlock, ipv4IpamPoolId is required' : undefined)),
  ],
  id: () => ec2Id('vpc'),
  computed: ({ region }, id) => {
    const routeTableId = ec2Id('rtb');
    return {
      arn: arn('ec2', region, `vpc/${id}`),
      defaultNetworkAclId: ec2Id('acl'),
      defaultRouteTableId: routeTableId,
      defaultSecurityGroupId: ec2Id('sg'),
      dhcpOptionsId: 'dopt-0c1d5e70default00',
      mainRouteTableId: routeTableId,
      ownerId: accountId,
    };
  },
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.subnet, 'vpcId'],
      [tokens.internetGateway, 'vpcId'],
      [tokens.securityGroup, 'vpcId'],
      [tokens.routeTable, 'vpcId'],
      [tokens.vpcEndpoint, 'vpcId'],
      [tokens.loadBalancer, 'vpcId'],
    ]);
    return user === undefined ? undefined : dependencyViolation('vpc', item, user);
  },
};

export const subnet: ResourceType = {
  token: tokens.subnet,
  latency: { create: 2, update: 2, delete: 1 },
  replaces: ['vpcId', 'cidrBlock', 'availabilityZone', 'availabilityZoneId', 'outpostArn', 'region'],
  defaults: { mapPublicIpOnLaunch: false, assignIpv6AddressOnCreation: false, enableDns64: false, privateDnsHostnameTypeOnLaunch: 'ip-name' },
  checks: [cidr('cidrBlock', 16, 28), atMostOne('availabilityZone', 'availabilityZoneId'), oneOf('privateDnsHostnameTypeOnLaunch', ['ip-name', 'resource-name'])],
  references: [refers('vpcId', tokens.vpc)],
  admit(request) {
    if (request.existing !== undefined) return;
    const network = referred(request, 'vpcId', tokens.vpc);
    const range = Cidr.parse(text(request.inputs, 'cidrBlock') ?? '');
    const around = Cidr.parse(text(network.outputs, 'cidrBlock') ?? '');
    if (range === undefined || around?.contains(range) !== true) {
      throw new AwsError('InvalidSubnet.Range', `The CIDR '${text(request.inputs, 'cidrBlock') ?? ''}' is invalid: it does not lie in ${around?.text ?? network.id}.`);
    }
    const sibling = request.cloud.inventory
      .childrenOf(network, tokens.subnet)
      .find((other) => Cidr.parse(text(other.outputs, 'cidrBlock') ?? '')?.overlaps(range));
    if (sibling !== undefined) throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${range.text}' conflicts with another subnet (${sibling.id})`);
    const zones = zonesOf(request.region);
    const zone = text(request.inputs, 'availabilityZone') ?? zones[0]?.name;
    if (!zones.some(({ name }) => name === zone)) {
      throw new AwsError('InvalidParameterValue', `Value (${zone ?? ''}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.map(({ name }) => name).join(', ')}.`);
    }
    const zoneId = text(request.inputs, 'availabilityZoneId');
    if (zoneId !== undefined && !zones.some(({ id }) => id === zoneId)) throw new AwsError('InvalidParameterValue', `Value (${zoneId}) for parameter availabilityZoneId is invalid.`);
  },
  id: () => ec2Id('subnet'),
  computed({ region, inputs }, id) {
    const zones = zonesOf(region);
    const zoneId = text(inputs, 'availabilityZoneId');
    const zone = zones.find(({ name, id: itsId }) => (zoneId === undefined ? name === (text(inputs, 'availabilityZone') ?? zones[0]?.name) : itsId === zoneId));
    return { arn: arn('ec2', region, `subnet/${id}`), ownerId: accountId, availabilityZone: zone?.name ?? '', availabilityZoneId: zone?.id ?? '' };
  },
  parent: parentBy('vpcId', tokens.vpc),
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.instance, 'subnetId'],
      [tokens.networkInterface, 'subnetId'],
      [tokens.natGateway, 'subnetId'],
      [tokens.loadBalancer, 'subnets[]'],
      [tokens.classicLoadBalancer, 'subnets[]'],
      [tokens.vpcEndpoint, 'subnetIds[]'],
    ]);
    return user === undefined ? undefined : dependencyViolation('subnet', item, user);
  },
};

export const internetGateway: ResourceType = {
  token: tokens.internetGateway,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['region'],
  references: [refers('vpcId', tokens.vpc)],
  admit({ inputs, cloud, existing }) {
    const vpcId = text(inputs, 'vpcId');
    const other = vpcId === undefined ? undefined : cloud.inventory.ofType(tokens.internetGateway).find((gateway) => text(gateway.outputs, 'vpcId') === vpcId && gateway.id !== existing?.id);
    if (other !== undefined) throw new AwsError('Resource.AlreadyAssociated', `Network ${vpcId} already has an internet gateway attached (${other.id})`);
  },
  id: () => ec2Id('igw'),
  computed: ({ region }, id) => ({ arn: arn('ec2', region, `internet-gateway/${id}`), ownerId: accountId }),
  parent: parentBy('vpcId', tokens.vpc),
  blocker(item, cloud) {
    const vpcId = text(item.outputs, 'vpcId');
    const mapped = [tokens.natGateway, tokens.instance]
      .flatMap((type) => cloud.inventory.ofType(type))
      .find((user) => (text(user.outputs, 'publicIp') ?? '') !== '' && text(cloud.inventory.get(tokens.subnet, text(user.outputs, 'subnetId') ?? '')?.outputs ?? {}, 'vpcId') === vpcId);
    return mapped === undefined ? undefined : new AwsError('DependencyViolation', `Network ${vpcId ?? ''} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway (${mapped.id}).`);
  },
};

export const eip: ResourceType = {
  token: tokens.eip,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['address', 'customerOwnedIpv4Pool', 'domain', 'ipamPoolId', 'networkBorderGroup', 'publicIpv4Pool', 'region'],
  defaults: { domain: 'vpc' },
  checks: [oneOf('domain', ['vpc', 'standard'])],
  references: [refers('instance', tokens.instance)],
  id: () => ec2Id('eipalloc'),
  computed({ region, cloud }, id) {
    const address = publicAddress(cloud);
    return {
      allocationId: id,
      arn: arn('ec2', region, `elastic-ip/${id}`),
      publicIp: address,
      publicDns: `ec2-${address.replaceAll('.', '-')}.${region}.compute.amazonaws.com`,
      publicIpv4Pool: 'amazon',
      networkBorderGroup: region,
    };
  },
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [[tokens.natGateway, 'allocationId'], [tokens.loadBalancer, 'subnetMappings[].allocationId']]);
    return user === undefined ? undefined : new AwsError('InvalidIPAddress.InUse', `Address ${text(item.outputs, 'publicIp') ?? item.id} is in use (${user.id}).`);
  },
};

export const natGateway: ResourceType = {
  token: tokens.natGateway,
  latency: { create: 95, update: 2, delete: 55 },
  replaces: ['allocationId', 'availabilityMode', 'connectivityType', 'privateIp', 'subnetId', 'vpcId', 'region'],
  defaults: { connectivityType: 'public', availabilityMode: 'zonal' },
  checks: [oneOf('connectivityType', ['public', 'private'])],
  references: [refers('subnetId', tokens.subnet), refers('allocationId', tokens.eip)],
  admit(request) {
    if (request.existing !== undefined) return;
    const { inputs, cloud } = request;
    const isPublic = (text(inputs, 'connectivityType') ?? 'public') === 'public';
    const allocation = text(inputs, 'allocationId');
    if (isPublic && allocation === undefined) throw new AwsError('MissingParameter', 'The request must include the AllocationId parameter. Add the required parameter and retry the request.');
    const user = cloud.inventory.ofType(tokens.natGateway).find((other) => allocation !== undefined && text(other.outputs, 'allocationId') === allocation);
    if (user !== undefined) throw new AwsError('Resource.AlreadyAssociated', `resource ${allocation ?? ''} is already associated with ${user.id}`);
    const network = text(referred(request, 'subnetId', tokens.subnet).outputs, 'vpcId');
    if (isPublic && !cloud.inventory.ofType(tokens.internetGateway).some((gateway) => text(gateway.outputs, 'vpcId') === network)) {
      throw new AwsError('Gateway.NotAttached', `Network ${network ?? ''} has no Internet gateway attached`);
    }
  },
  id: () => ec2Id('nat'),
  computed(request) {
    const { inputs, cloud } = request;
    const allocation = cloud.inventory.get(tokens.eip, text(inputs, 'allocationId') ?? '');
    return {
      associationId: ec2Id('eipassoc'),
      networkInterfaceId: ec2Id('eni'),
      privateIp: text(inputs, 'privateIp') ?? privateAddress(cloud.inventory, referred(request, 'subnetId', tokens.subnet)),
      publicIp: allocation === undefined ? '' : (text(allocation.outputs, 'publicIp') ?? ''),
    };
  },
  parent: parentBy('subnetId', tokens.subnet),
};
