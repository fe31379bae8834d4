import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { accountId, arn, type Cloud } from '../cloud.js';
import { cidr, exactlyOne, length, pattern, range, rule } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { ec2Id } from '../ids.js';
import { number, objects, text } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { firstUser, parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';

/** "Rules per security group: 60 inbound and 60 outbound" (Amazon VPC quotas). */
const rulesPerDirection = 60;
const allowedText = /^[\w .:/()#,@[\]+=&;{}!$*-]*$/;
const protocols = /^(-1|all|tcp|udp|icmp|icmpv6|\d{1,3})$/;

/** Ports and protocol as EC2 wants them, of a rule resource or of one in a list. */
function portFault(properties: PropertyMap): string | undefined {
  const protocol = text(properties, 'ipProtocol') ?? text(properties, 'protocol') ?? '-1';
  const [from, to] = [number(properties, 'fromPort'), number(properties, 'toPort')];
  if (protocol === '-1' || protocol === 'all') return (from ?? 0) === 0 && (to ?? 0) === 0 ? undefined : 'ports cannot be given with protocol -1, which means all traffic';
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  if (from === undefined || to === undefined) return `fromPort and toPort are required with protocol ${protocol}`;
  return from <= to ? undefined : `fromPort ${from} is above toPort ${to}`;
}

const listedRules = ['ingress', 'egress'].flatMap((direction) => [
  cidr(`${direction}[].cidrBlocks[]`, 0, 32),
  range(`${direction}[].fromPort`, -1, 65_535),
  range(`${direction}[].toPort`, -1, 65_535),
  pattern(`${direction}[].protocol`, protocols, 'be -1, tcp, udp, icmp, icmpv6 or a protocol number'),
  length(direction, 0, rulesPerDirection),
  rule([direction], (inputs) => objects(inputs, direction).map(portFault).find((fault) => fault !== undefined)),
]);

export const securityGroup: ResourceType = {
  token: tokens.securityGroup,
  latency: { create: 3, update: 2, delete: 1 },
  replaces: ['name', 'namePrefix', 'description', 'vpcId', 'region'],
  autoname: { property: 'name', longest: 255 },
  defaults: { description: 'Managed by Pulumi', revokeRulesOnDelete: false },
  checks: [
    length('name', 1, 255),
    length('description', 1, 255),
    pattern('name', /^(?!sg-)/, 'not begin with sg-'),
    pattern('name', allowedText, 'contain only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*'),
    pattern('description', allowedText, 'contain only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*'),
    ...listedRules,
  ],
  references: [refers('vpcId', tokens.vpc)],
  admit({ inputs, cloud, existing }) {
    const [name, vpcId] = [text(inputs, 'name'), text(inputs, 'vpcId')];
    if (name === 'default') throw new AwsError('InvalidParameterValue', "Cannot use reserved security group name: 'default'");
    const twin = cloud.inventory.ofType(tokens.securityGroup).find((other) => other.id !== existing?.id && text(other.outputs, 'vpcId') === vpcId && text(other.outputs, 'name') === name);
    if (twin !== undefined) throw new AwsError('InvalidGroup.Duplicate', `The security group '${name ?? ''}' already exists for VPC '${vpcId ?? ''}'`);
  },
  id: () => ec2Id('sg'),
  computed: ({ region, inputs }, id) => ({ arn: arn('ec2', region, `security-group/${id}`), ownerId: accountId, ingress: inputs['ingress'] ?? [], egress: inputs['egress'] ?? [] }),
  parent: parentBy('vpcId', tokens.vpc),
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.instance, 'vpcSecurityGroupIds[]'],
      [tokens.loadBalancer, 'securityGroups[]'],
      [tokens.classicLoadBalancer, 'securityGroups[]'],
      [tokens.vpcEndpoint, 'securityGroupIds[]'],
      [tokens.ingressRule, 'referencedSecurityGroupId'],
      [tokens.egressRule, 'referencedSecurityGroupId'],
      [tokens.securityGroup, 'ingress[].securityGroups[]'],
      [tokens.securityGroup, 'egress[].securityGroups[]'],
    ]);
    // A group's own rules that name it go with it.
    const own = user !== undefined && text(user.outputs, 'securityGroupId') === item.id;
    return user === undefined || own ? undefined : new AwsError('DependencyViolation', `resource ${item.id} has a dependent object (${user.id})`);
  },
  afterDelete(item, cloud) {
    for (const type of [tokens.ingressRule, tokens.egressRule]) for (const child of cloud.inventory.childrenOf(item, type)) cloud.inventory.delete(child);
  },
};

/** Adopts the group that came with the VPC, and on deletion merely lets it go. */
export const defaultSecurityGroup: ResourceType = {
  token: tokens.defaultSecurityGroup,
  latency: { create: 2, update: 2, delete: 0 },
  replaces: ['vpcId', 'region'],
  defaults: { description: 'default VPC security group', name: 'default', revokeRulesOnDelete: false },
  checks: listedRules,
  references: [refers('vpcId', tokens.vpc)],
  id: (request) => text(referred(request, 'vpcId', tokens.vpc).outputs, 'defaultSecurityGroupId') ?? '',
  again: (request) => request.cloud.inventory.get(tokens.defaultSecurityGroup, text(referred(request, 'vpcId', tokens.vpc).outputs, 'defaultSecurityGroupId') ?? ''),
  computed: ({ region, inputs }, id) => ({ arn: arn('ec2', region, `security-group/${id}`), ownerId: accountId, ingress: inputs['ingress'] ?? [], egress: inputs['egress'] ?? [] }),
  parent: parentBy('vpcId', tokens.vpc),
};

const peers = ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId'];

/** Inbound and outbound rules differ in nothing but their direction. */
function ruleType(token: string): ResourceType {
  return {
    token,
    latency: { create: 1, update: 1, delete: 1 },
    replaces: ['securityGroupId', 'region'],
    checks: [
      exactlyOne(...peers),
      cidr('cidrIpv4', 0, 32),
      range('fromPort', -1, 65_535),
      range('toPort', -1, 65_535),
      pattern('ipProtocol', protocols, 'be -1, tcp, udp, icmp, icmpv6 or a protocol number'),
      length('description', 0, 255),
      pattern('description', allowedText, 'contain only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*'),
      rule(['fromPort', 'toPort', 'ipProtocol'], portFault),
    ],
    references: [refers('securityGroupId', tokens.securityGroup), refers('referencedSecurityGroupId', tokens.securityGroup)],
    admit(request) {
      const group = referred(request, 'securityGroupId', tokens.securityGroup);
      const siblings = request.cloud.inventory.childrenOf(group, token).filter((other) => other.id !== request.existing?.id);
      if (siblings.length >= rulesPerDirection) throw new AwsError('RulesPerSecurityGroupLimitExceeded', `The maximum number of rules per security group has been reached: ${group.id}`);
      const twin = siblings.find((other) => fingerprint(other.outputs) === fingerprint(request.inputs));
      if (twin !== undefined) throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${fingerprint(request.inputs)}" already exists (${twin.id})`);
    },
    id: () => ec2Id('sgr'),
    computed: ({ region }, id) => ({ arn: arn('ec2', region, `security-group-rule/${id}`), securityGroupRuleId: id }),
    parent: parentBy('securityGroupId', tokens.securityGroup),
  };
}

function fingerprint(properties: PropertyMap): string {
  const peer = peers.map((name) => text(properties, name)).find((value) => value !== undefined);
  return `peer: ${peer ?? ''}, ${text(properties, 'ipProtocol') ?? ''}, from port: ${number(properties, 'fromPort') ?? '-'}, to port: ${number(properties, 'toPort') ?? '-'}`;
}

export const ingressRule = ruleType(tokens.ingressRule);
export const egressRule = ruleType(tokens.egressRule);

/** Groups of one network only can be put on something in it. */
export function requireSameNetwork({ cloud }: Request, groups: readonly string[], vpcId: string | undefined): void {
  const stranger = groups.map((id) => groupOf(cloud, id)).find((group) => group !== undefined && text(group.outputs, 'vpcId') !== vpcId);
  if (stranger !== undefined) throw new AwsError('InvalidParameter', `Security group ${stranger.id} and subnet belong to different networks.`);
}

function groupOf(cloud: Cloud, id: string): Item | undefined {
  return cloud.inventory.get(tokens.securityGroup, id);
}
