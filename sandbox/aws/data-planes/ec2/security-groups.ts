import type { Item } from '../../../inventory/item.js';
import { accountId, type Cloud } from '../../cloud.js';
import { AwsError } from '../../errors.js';
import { number, objects, text, texts } from '../../../provider/properties.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { filtersOf, numbered, tagSet, tagValues, type Ec2Context } from './query.js';

/** One rule of a group, however it was made. */
interface Rule {
  readonly protocol: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly groups: readonly string[];
  readonly ranges: readonly string[];
}

/** Which way a rule lets through. */
export type Direction = 'ingress' | 'egress';

/** Types of rules that stand by themselves. */
export const ruleTokens: Readonly<Record<Direction, string>> = { ingress: tokens.ingressRule, egress: tokens.egressRule };

function rulesOf(group: Item, direction: Direction, cloud: Cloud): Rule[] {
  const own = cloud.inventory.childrenOf(group, ruleTokens[direction]).map(({ outputs }): Rule => ({
    protocol: text(outputs, 'ipProtocol') ?? '-1', from: number(outputs, 'fromPort'), to: number(outputs, 'toPort'),
    groups: [text(outputs, 'referencedSecurityGroupId') ?? []].flat(), ranges: [text(outputs, 'cidrIpv4') ?? []].flat(),
  }));
  const inline = objects(group.outputs, direction).map((rule): Rule => ({
    protocol: text(rule, 'protocol') ?? '-1', from: number(rule, 'fromPort'), to: number(rule, 'toPort'), groups: texts(rule, 'securityGroups'), ranges: texts(rule, 'cidrBlocks'),
  }));
  return [...own, ...inline];
}

/** DescribeSecurityGroups with the rules of each group. */
export function describeSecurityGroups(form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const ids = numbered(form, 'GroupId');
  const missing = ids.find((id) => cloud.inventory.get(tokens.securityGroup, id) === undefined);
  if (missing !== undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${missing}' does not exist`);
  const filters = filtersOf(form);
  const found = cloud.inventory.ofType(tokens.securityGroup)
    .filter((group) => group.region === region && (ids.length === 0 || ids.includes(group.id)))
    .filter((group) => filters.every(({ name, values }) => valuesOf(group, name, cloud).some((value) => values.includes(value))));
  return element('securityGroupInfo', found.map((group) => element('item', shown(group, cloud), 'elements')).join(''), 'elements');
}

function valuesOf(group: Item, filter: string, cloud: Cloud): readonly string[] {
  const byTag = tagValues(group, filter);
  if (byTag !== undefined) return byTag;
  switch (filter) {
    case 'group-id': return [group.id];
    case 'group-name': return [text(group.outputs, 'name') ?? ''];
    case 'vpc-id': return [text(group.outputs, 'vpcId') ?? ''];
    case 'ip-permission.group-id': return rulesOf(group, 'ingress', cloud).flatMap(({ groups }) => groups);
    case 'egress.ip-permission.group-id': return rulesOf(group, 'egress', cloud).flatMap(({ groups }) => groups);
    default: throw new AwsError('InvalidParameterValue', `the sandbox does not imitate the filter '${filter}' here`);
  }
}

function shown(group: Item, cloud: Cloud): string {
  const permissions = (direction: Direction): string => rulesOf(group, direction, cloud).map((rule) => {
    const pairs = rule.groups.map((id) => element('item', element('userId', accountId) + element('groupId', id), 'elements')).join('');
    const ranges = rule.ranges.map((range) => element('item', element('cidrIp', range), 'elements')).join('');
    return element('item', element('ipProtocol', rule.protocol) + element('fromPort', rule.from) + element('toPort', rule.to) + element('groups', pairs, 'elements') + element('ipRanges', ranges, 'elements'), 'elements');
  }).join('');
  return element('groupId', group.id) + element('groupName', text(group.outputs, 'name')) + element('groupDescription', text(group.outputs, 'description')) + element('ownerId', accountId)
    + element('vpcId', text(group.outputs, 'vpcId')) + element('ipPermissions', permissions('ingress'), 'elements') + element('ipPermissionsEgress', permissions('egress'), 'elements') + tagSet(group);
}

/** RevokeSecurityGroupIngress and …Egress, by the ids of rules or for rules that name a group; others are refused as not imitated. */
export function revokeSecurityGroupRules(direction: Direction, form: URLSearchParams, { cloud }: Ec2Context): string {
  const group = cloud.inventory.get(tokens.securityGroup, form.get('GroupId') ?? '');
  if (group === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${form.get('GroupId') ?? ''}' does not exist`);
  for (const id of numbered(form, 'SecurityGroupRuleId')) {
    const rule = cloud.inventory.childrenOf(group, ruleTokens[direction]).find((item) => item.id === id);
    if (rule === undefined) throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
    cloud.inventory.delete(rule);
  }
  for (let index = 1; form.has(`IpPermissions.${index}.IpProtocol`); index += 1) {
    const at = `IpPermissions.${index}`;
    const peer = form.get(`${at}.Groups.1.GroupId`);
    if (peer === null) throw new AwsError('InvalidParameterValue', 'the sandbox revokes rules that name a group only');
    const rule = cloud.inventory.childrenOf(group, ruleTokens[direction]).find(({ outputs }) =>
      text(outputs, 'referencedSecurityGroupId') === peer && text(outputs, 'ipProtocol') === form.get(`${at}.IpProtocol`)
      && (number(outputs, 'fromPort')?.toString() ?? null) === form.get(`${at}.FromPort`) && (number(outputs, 'toPort')?.toString() ?? null) === form.get(`${at}.ToPort`));
    if (rule === undefined) throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    cloud.inventory.delete(rule);
  }
  return element('return', true);
}
