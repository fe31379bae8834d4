import type { Item } from '../../../inventory/item.js';
import { number, text } from '../../../provider/properties.js';
import { AwsError } from '../../errors.js';
import { admitNew } from '../../lifecycle.js';
import { resourceType } from '../../types/index.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { filtersOf, tagSet, type Ec2Context } from './query.js';
import { ruleTokens, type Direction } from './security-groups.js';

/** DescribeSecurityGroupRules of groups: the rules that stand by themselves, whoever made them. */
export function describeSecurityGroupRules(form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const filters = filtersOf(form);
  const other = filters.find(({ name }) => name !== 'group-id');
  if (other !== undefined) throw new AwsError('InvalidParameterValue', `the sandbox does not imitate the filter '${other.name}' here`);
  const found = Object.values(ruleTokens).flatMap((token) => cloud.inventory.ofType(token))
    .filter((rule) => rule.region === region && filters.every(({ values }) => values.includes(text(rule.outputs, 'securityGroupId') ?? '')));
  return element('securityGroupRuleSet', found.map((rule) => element('item', shown(rule), 'elements')).join(''), 'elements');
}

function shown(rule: Item): string {
  const { outputs } = rule;
  const peer = text(outputs, 'referencedSecurityGroupId');
  return element('securityGroupRuleId', rule.id) + element('groupId', text(outputs, 'securityGroupId')) + element('isEgress', rule.type === ruleTokens.egress)
    + element('ipProtocol', text(outputs, 'ipProtocol')) + element('fromPort', number(outputs, 'fromPort') ?? -1) + element('toPort', number(outputs, 'toPort') ?? -1)
    + element('cidrIpv4', text(outputs, 'cidrIpv4')) + element('description', text(outputs, 'description'))
    + (peer === undefined ? '' : element('referencedGroupInfo', element('groupId', peer), 'elements')) + tagSet(rule);
}

/** AuthorizeSecurityGroupIngress and …Egress, as somebody adds a rule by hand: for one range of addresses a permission. */
export function authorizeSecurityGroupRules(direction: Direction, form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const group = cloud.inventory.get(tokens.securityGroup, form.get('GroupId') ?? '');
  if (group === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${form.get('GroupId') ?? ''}' does not exist`);
  const made: Item[] = [];
  for (let index = 1; form.has(`IpPermissions.${index}.IpProtocol`); index += 1) {
    const at = (field: string): string | null => form.get(`IpPermissions.${index}.${field}`);
    const cidrIpv4 = at('IpRanges.1.CidrIp');
    if (cidrIpv4 === null) throw new AwsError('InvalidParameterValue', 'the sandbox adds rules for a range of addresses only');
    const [from, to] = [at('FromPort'), at('ToPort')];
    made.push(admitNew(cloud, resourceType(ruleTokens[direction]), region, {
      securityGroupId: group.id, ipProtocol: at('IpProtocol') ?? '-1', cidrIpv4,
      ...(from === null ? {} : { fromPort: Number(from) }), ...(to === null ? {} : { toPort: Number(to) }),
    }));
  }
  return element('return', true) + element('securityGroupRuleSet', made.map((rule) => element('item', shown(rule), 'elements')).join(''), 'elements');
}
