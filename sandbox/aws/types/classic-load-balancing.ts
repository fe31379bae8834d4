import { inRegion, arn } from '../cloud.js';
import { length, pattern, range } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { text, texts } from '../../provider/properties.js';
import type { ResourceType } from '../resource-type.js';
import { refers } from './references.js';
import { requireSameNetwork } from './security-groups.js';
import * as tokens from './tokens.js';

/** A Classic Load Balancer: what the cloud controller makes for a Service unless it is asked for another. No program of ours has one. */
export const classicLoadBalancer: ResourceType = {
  token: tokens.classicLoadBalancer,
  latency: { create: 10, update: 3, delete: 5 },
  replaces: ['name', 'namePrefix', 'internal', 'region'],
  autoname: { property: 'name', longest: 32 },
  defaults: { internal: false, crossZoneLoadBalancing: true, idleTimeout: 60, connectionDraining: false },
  checks: [
    length('name', 1, 32),
    pattern('name', /^(?!-)(?!.*-$)[a-zA-Z0-9-]+$/, 'contain only letters, digits and hyphens, and not begin or end with a hyphen'),
    length('listeners', 1, 100),
    range('listeners[].lbPort', 1, 65_535),
    range('listeners[].instancePort', 1, 65_535),
  ],
  references: [refers('subnets[]', tokens.subnet), refers('securityGroups[]', tokens.securityGroup), refers('instances[]', tokens.instance)],
  admit(request) {
    const { inputs, cloud, region, existing } = request;
    const name = text(inputs, 'name') ?? '';
    if (inRegion(cloud, tokens.classicLoadBalancer, region).some((other) => other.id !== existing?.id && other.id === name)) {
      throw new AwsError('DuplicateLoadBalancerName', `Load Balancer named '${name}' already exists`);
    }
    const subnets = texts(inputs, 'subnets').flatMap((id) => cloud.inventory.get(tokens.subnet, id) ?? []);
    if (subnets.length === 0) throw new AwsError('ValidationError', 'Either AvailabilityZones or SubnetIds must be specified');
    const zones = subnets.map(({ outputs }) => text(outputs, 'availabilityZone'));
    if (new Set(zones).size !== zones.length) throw new AwsError('InvalidConfigurationRequest', 'ELB cannot be attached to multiple subnets in the same AZ.');
    requireSameNetwork(request, texts(inputs, 'securityGroups'), text(subnets[0]?.outputs ?? {}, 'vpcId'));
  },
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ inputs, cloud, region }, id) => ({
    arn: arn('elasticloadbalancing', region, `loadbalancer/${id}`),
    // A loopback address stands in for the name that a real load balancer would get.
    dnsName: cloud.addresses.take(`${tokens.classicLoadBalancer} ${region} ${id}`),
    zoneId: 'Z32O12XQLNTSW2',
    sourceSecurityGroupId: texts(inputs, 'securityGroups')[0] ?? '',
  }),
  parent({ inputs, cloud }) {
    const subnet = cloud.inventory.get(tokens.subnet, texts(inputs, 'subnets')[0] ?? '');
    const vpcId = text(subnet?.outputs ?? {}, 'vpcId');
    return vpcId === undefined ? undefined : { type: tokens.vpc, id: vpcId };
  },
  afterDelete: (item, cloud) => cloud.addresses.release(`${tokens.classicLoadBalancer} ${item.region ?? ''} ${item.id}`),
};
