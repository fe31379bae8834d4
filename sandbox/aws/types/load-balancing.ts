import type { Item } from '../../inventory/item.js';
import { arn, inRegion, lookUp } from '../cloud.js';
import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { AwsError } from '../errors.js';
import { hex } from '../ids.js';
import { flag, object, objects, text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { parentBy, referred, refers, usersOf } from './references.js';
import { requireSameNetwork } from './security-groups.js';
import * as tokens from './tokens.js';

/** The form of names of load balancers and target groups. */
const nameChecks = [length('name', 1, 32), pattern('name', /^(?!-)(?!.*-$)[a-zA-Z0-9-]+$/, 'contain only letters, digits and hyphens, and not begin or end with a hyphen')];

const zoneIds: Readonly<Record<string, string>> = { network: 'Z2IFOLAFXWLO4F', application: 'Z32O12XQLNTSW2' };

function subnetIds(request: Pick<Request, 'inputs'>): string[] {
  return [...texts(request.inputs, 'subnets'), ...objects(request.inputs, 'subnetMappings').flatMap((mapping) => text(mapping, 'subnetId') ?? [])];
}

export const loadBalancer: ResourceType = {
  token: tokens.loadBalancer,
  latency: { create: 140, update: 5, delete: 15 },
  replaces: ['name', 'namePrefix', 'internal', 'loadBalancerType', 'customerOwnedIpv4Pool', 'region'],
  autoname: { property: 'name', longest: 32 },
  defaults: { loadBalancerType: 'application', internal: false, enableDeletionProtection: false, ipAddressType: 'ipv4', idleTimeout: 60 },
  checks: [
    ...nameChecks,
    pattern('name', /^(?!internal-)/, 'not begin with internal-'),
    oneOf('loadBalancerType', ['application', 'gateway', 'network']),
    oneOf('ipAddressType', ['ipv4', 'dualstack', 'dualstack-without-public-ipv4']),
    oneOf('dnsRecordClientRoutingPolicy', ['any_availability_zone', 'availability_zone_affinity', 'partial_availability_zone_affinity']),
    oneOf('enforceSecurityGroupInboundRulesOnPrivateLinkTraffic', ['on', 'off']),
    range('idleTimeout', 1, 4000),
    rule(['subnets', 'subnetMappings'], (inputs) => ((inputs['subnets'] === undefined) === (inputs['subnetMappings'] === undefined) ? 'exactly one of subnets, subnetMappings must be specified' : undefined)),
  ],
  references: [refers('subnets[]', tokens.subnet), refers('subnetMappings[].subnetId', tokens.subnet), refers('subnetMappings[].allocationId', tokens.eip), refers('securityGroups[]', tokens.securityGroup), refers('accessLogs.bucket', tokens.bucket)],
  admit(request) {
    const { inputs, cloud, region, existing } = request;
    const name = text(inputs, 'name') ?? '';
    if (inRegion(cloud, tokens.loadBalancer, region).some((other) => other.id !== existing?.id && text(other.outputs, 'name') === name)) {
      throw new AwsError('DuplicateLoadBalancerName', `A load balancer with the same name '${name}' exists, but with different settings`);
    }
    const subnets = subnetIds(request).flatMap((id) => cloud.inventory.get(tokens.subnet, id) ?? []);
    if (subnets.length === 0) throw new AwsError('ValidationError', 'At least one subnet must be specified');
    const zones = subnets.map(({ outputs }) => text(outputs, 'availabilityZone'));
    if (new Set(zones).size !== zones.length) throw new AwsError('InvalidConfigurationRequest', 'A load balancer cannot be attached to multiple subnets in the same Availability Zone');
    if (new Set(subnets.map(({ outputs }) => text(outputs, 'vpcId'))).size > 1) throw new AwsError('InvalidConfigurationRequest', 'All subnets of a load balancer must belong to one VPC');
    if (text(inputs, 'loadBalancerType') !== 'network' && subnets.length < 2) throw new AwsError('ValidationError', 'At least two subnets in two different Availability Zones must be specified');
    const vpcId = text(subnets[0]?.outputs ?? {}, 'vpcId');
    requireSameNetwork(request, texts(inputs, 'securityGroups'), vpcId);
    if (!flag(inputs, 'internal') && !inRegion(cloud, tokens.internetGateway, region).some(({ outputs }) => text(outputs, 'vpcId') === vpcId)) {
      throw new AwsError('InvalidSubnet', `VPC ${vpcId ?? ''} has no internet gateway`);
    }
  },
  id: ({ inputs, region }) => arn('elasticloadbalancing', region, `loadbalancer/${(text(inputs, 'loadBalancerType') ?? 'application').replace('network', 'net').replace('application', 'app')}/${text(inputs, 'name') ?? ''}/${hex(16)}`),
  computed(request, id) {
    const kind = text(request.inputs, 'loadBalancerType') ?? 'application';
    const firstSubnet = request.cloud.inventory.get(tokens.subnet, subnetIds(request)[0] ?? '');
    return {
      arn: id,
      arnSuffix: id.slice(id.indexOf('loadbalancer/') + 'loadbalancer/'.length),
      // A loopback address stands in for the name that a real load balancer would get: things can listen there.
      dnsName: request.cloud.addresses.take(id),
      vpcId: text(firstSubnet?.outputs ?? {}, 'vpcId') ?? '',
      zoneId: zoneIds[kind] ?? '',
      subnets: subnetIds(request),
      securityGroups: texts(request.inputs, 'securityGroups'),
    };
  },
  recomputed: (request) => ({ subnets: subnetIds(request), securityGroups: texts(request.inputs, 'securityGroups') }),
  parent(request) {
    const subnet = request.cloud.inventory.get(tokens.subnet, subnetIds(request)[0] ?? '');
    const vpcId = text(subnet?.outputs ?? {}, 'vpcId');
    return vpcId === undefined ? undefined : { type: tokens.vpc, id: vpcId };
  },
  blocker: (item) => (flag(item.outputs, 'enableDeletionProtection') ? new AwsError('OperationNotPermitted', `Load balancer '${item.id}' cannot be deleted because deletion protection is enabled`) : undefined),
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
    cloud.addresses.release(item.id);
  },
};

export const targetGroup: ResourceType = {
  token: tokens.targetGroup,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'port', 'protocol', 'protocolVersion', 'targetType', 'vpcId', 'ipAddressType', 'region'],
  autoname: { property: 'name', longest: 32 },
  defaults: { targetType: 'instance', deregistrationDelay: 300, ipAddressType: 'ipv4', proxyProtocolV2: false, slowStart: 0 },
  checks: [
    ...nameChecks,
    range('port', 1, 65_535),
    oneOf('protocol', ['GENEVE', 'HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP']),
    oneOf('targetType', ['instance', 'ip', 'lambda', 'alb']),
    range('deregistrationDelay', 0, 3600),
    oneOf('healthCheck.protocol', ['HTTP', 'HTTPS', 'TCP']),
    range('healthCheck.interval', 5, 300),
    range('healthCheck.timeout', 2, 120),
    range('healthCheck.healthyThreshold', 2, 10),
    range('healthCheck.unhealthyThreshold', 2, 10),
    pattern('healthCheck.path', /^\/.{0,1023}$/, 'begin with / and have at most 1024 characters'),
    pattern('healthCheck.port', /^(traffic-port|\d{1,5})$/, 'be traffic-port or a port'),
    pattern('healthCheck.matcher', /^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/, 'be status codes such as 200 or 200-399'),
    rule(['healthCheck'], ({ healthCheck }) => {
      const check = object({ healthCheck: healthCheck ?? {} }, 'healthCheck');
      if (text(check, 'protocol') === 'TCP' && (check['path'] !== undefined || check['matcher'] !== undefined)) return 'path and matcher are not supported for health checks of protocol TCP';
      const [interval, timeout] = [Number(check['interval'] ?? 30), Number(check['timeout'] ?? 0)];
      return timeout >= interval ? `timeout (${timeout} s) must be below the interval (${interval} s)` : undefined;
    }),
    rule(['port', 'targetType'], (inputs) => (inputs['targetType'] === 'lambda' || (inputs['port'] !== undefined && inputs['protocol'] !== undefined && inputs['vpcId'] !== undefined) ? undefined : 'port, protocol and vpcId are required unless targetType is lambda')),
  ],
  references: [refers('vpcId', tokens.vpc)],
  admit({ inputs, cloud, region, existing }) {
    const name = text(inputs, 'name') ?? '';
    if (inRegion(cloud, tokens.targetGroup, region).some((other) => other.id !== existing?.id && text(other.outputs, 'name') === name)) {
      throw new AwsError('DuplicateTargetGroupName', `A target group with the same name '${name}' exists, but with different settings`);
    }
  },
  id: ({ inputs, region }) => arn('elasticloadbalancing', region, `targetgroup/${text(inputs, 'name') ?? ''}/${hex(16)}`),
  computed: ({ inputs }, id) => ({ arn: id, arnSuffix: id.slice(id.indexOf('targetgroup/')), loadBalancerArns: [], healthCheck: withHealthDefaults(inputs) }),
  recomputed: ({ inputs }) => ({ healthCheck: withHealthDefaults(inputs) }),
  parent: parentBy('vpcId', tokens.vpc),
  blocker(item, cloud) {
    const [user] = usersOf(item, cloud, tokens.listener, 'defaultActions[].targetGroupArn');
    return user === undefined ? undefined : new AwsError('ResourceInUse', `Target group '${item.id}' is currently in use by a listener or a rule (${user.id})`);
  },
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};

function withHealthDefaults(inputs: Request['inputs']): Request['inputs'] {
  return { enabled: true, healthyThreshold: 3, unhealthyThreshold: 3, interval: 30, port: 'traffic-port', protocol: 'TCP', ...object(inputs, 'healthCheck') };
}

export const listener: ResourceType = {
  token: tokens.listener,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['loadBalancerArn', 'region'],
  checks: [range('port', 1, 65_535), oneOf('protocol', ['HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP']), length('defaultActions', 1, 5), oneOf('defaultActions[].type', ['authenticate-cognito', 'authenticate-oidc', 'fixed-response', 'forward', 'jwt-validation', 'redirect']), range('tcpIdleTimeoutSeconds', 60, 6000)],
  references: [refers('loadBalancerArn', tokens.loadBalancer), refers('defaultActions[].targetGroupArn', tokens.targetGroup)],
  admit(request) {
    const { inputs, cloud, existing } = request;
    const balancer = referred(request, 'loadBalancerArn', tokens.loadBalancer);
    const twin = cloud.inventory.childrenOf(balancer, tokens.listener).find((other) => other.id !== existing?.id && Number(other.outputs['port']) === Number(inputs['port']));
    if (twin !== undefined) throw new AwsError('DuplicateListener', `A listener already exists on this port for this load balancer '${balancer.id}'`);
    const network = text(balancer.outputs, 'loadBalancerType') === 'network';
    const protocol = text(inputs, 'protocol') ?? 'HTTP';
    if (network === ['HTTP', 'HTTPS'].includes(protocol)) throw new AwsError('ValidationError', `Listener protocol '${protocol}' is not supported with a ${network ? 'network' : 'application'} load balancer`);
    if (['HTTPS', 'TLS'].includes(protocol) && text(inputs, 'certificateArn') === undefined) throw new AwsError('CertificateNotFound', `A certificate must be specified for ${protocol} listeners`);
    for (const action of objects(inputs, 'defaultActions')) {
      const group = lookUp(cloud, tokens.targetGroup, text(action, 'targetGroupArn') ?? '');
      if (group === undefined) continue;
      if (text(group.outputs, 'vpcId') !== text(balancer.outputs, 'vpcId')) throw new AwsError('InvalidConfigurationRequest', `The target group '${group.id}' and the load balancer belong to different VPCs`);
      if (network && ['HTTP', 'HTTPS'].includes(text(group.outputs, 'protocol') ?? '')) throw new AwsError('ValidationError', `The protocol of target group '${group.id}' is not supported with a network load balancer`);
    }
  },
  id: (request) => `${referred(request, 'loadBalancerArn', tokens.loadBalancer).id.replace(':loadbalancer/', ':listener/')}/${hex(16)}`,
  computed: (_request, id) => ({ arn: id }),
  parent: parentBy('loadBalancerArn', tokens.loadBalancer),
};

export const targetGroupAttachment: ResourceType = {
  token: tokens.targetGroupAttachment,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['availabilityZone', 'port', 'targetGroupArn', 'targetId', 'quicServerId', 'region'],
  checks: [range('port', 1, 65_535)],
  references: [refers('targetGroupArn', tokens.targetGroup)],
  admit(request) {
    const group = referred(request, 'targetGroupArn', tokens.targetGroup);
    const target = text(request.inputs, 'targetId') ?? '';
    switch (text(group.outputs, 'targetType')) {
      case 'instance':
        if (networkOf(request, request.cloud.inventory.get(tokens.instance, target)) !== text(group.outputs, 'vpcId')) {
          throw new AwsError('InvalidTarget', `The following targets are not in the target group VPC '${text(group.outputs, 'vpcId') ?? ''}', or do not exist: '${target}'`);
        }
        return;
      case 'ip':
        if (Cidr.parse(`${target}/32`) === undefined) throw new AwsError('ValidationError', `The IP address '${target}' is not a valid IPv4 address`);
        return;
      default:
        return;
    }
  },
  id: ({ inputs }) => `${text(inputs, 'targetGroupArn') ?? ''}-${hex(24)}`,
  // RegisterTargets takes what is registered already, and changes nothing.
  again: (request) => {
    const siblings = request.cloud.inventory.childrenOf(referred(request, 'targetGroupArn', tokens.targetGroup), tokens.targetGroupAttachment);
    return siblings.find(({ outputs }) => text(outputs, 'targetId') === text(request.inputs, 'targetId') && outputs['port'] === request.inputs['port']);
  },
  parent: parentBy('targetGroupArn', tokens.targetGroup),
};

function networkOf({ cloud }: Request, instance: Item | undefined): string | undefined {
  const subnet = cloud.inventory.get(tokens.subnet, text(instance?.outputs ?? {}, 'subnetId') ?? '');
  return text(subnet?.outputs ?? {}, 'vpcId');
}
