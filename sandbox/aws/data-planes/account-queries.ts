import { tagMap } from '../../inventory/tags.js';
import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { number, text } from '../../provider/properties.js';
import * as tokens from '../types/tokens.js';
import { iamRead } from './iam-reads.js';
import { members, memberList, queryResult } from './query-result.js';
import { element } from './wire.js';

/** IAM: the list of roles, which no index of tags has, and reads by name. */
export function iam(action: string, form: URLSearchParams, { cloud }: { cloud: Cloud; region: string }): string {
  const read = iamRead(action, form, cloud);
  if (read !== undefined) return read;
  if (action !== 'ListRoles') throw new AwsError('InvalidAction', `the sandbox does not imitate iam:${action}`);
  const prefix = form.get('PathPrefix') ?? '/';
  const roles = cloud.inventory.ofType(tokens.role).filter((role) => (text(role.outputs, 'path') ?? '/').startsWith(prefix));
  return queryResult(action, 'https://iam.amazonaws.com/doc/2010-05-08/', element('IsTruncated', false) + memberList('Roles', roles.map((role) =>
    element('RoleName', role.id) + element('Arn', text(role.outputs, 'arn')) + element('Path', text(role.outputs, 'path') ?? '/') + element('RoleId', text(role.outputs, 'uniqueId')) + element('CreateDate', new Date(role.createdAt).toISOString()))));
}

/** Auto Scaling: DescribeAutoScalingGroups, by name and by tag. */
export function autoScaling(action: string, form: URLSearchParams, { cloud, region }: { cloud: Cloud; region: string }): string {
  if (action !== 'DescribeAutoScalingGroups') throw new AwsError('InvalidAction', `the sandbox does not imitate autoscaling:${action}`);
  const names = members(form, 'AutoScalingGroupNames');
  const filters: { name: string; values: string[] }[] = [];
  for (let index = 1; form.has(`Filters.member.${index}.Name`); index += 1) filters.push({ name: form.get(`Filters.member.${index}.Name`) ?? '', values: members(form, `Filters.member.${index}.Values`) });
  const unknown = filters.find(({ name }) => !name.startsWith('tag:'));
  if (unknown !== undefined) throw new AwsError('ValidationError', `the sandbox does not imitate the filter '${unknown.name}' here`);
  const groups = cloud.inventory.ofType(tokens.autoScalingGroup)
    .filter((group) => group.region === region && (names.length === 0 || names.includes(group.id)))
    .filter((group) => filters.every(({ name, values }) => values.includes(tagMap(group.outputs['tags'])[name.slice('tag:'.length)] ?? '')));
  return queryResult(action, 'http://autoscaling.amazonaws.com/doc/2011-01-01/', memberList('AutoScalingGroups', groups.map((group) =>
    element('AutoScalingGroupName', group.id) + element('AutoScalingGroupARN', text(group.outputs, 'arn')) + element('MinSize', number(group.outputs, 'minSize')) + element('MaxSize', number(group.outputs, 'maxSize'))
    + element('DesiredCapacity', number(group.outputs, 'desiredCapacity')) + element('CreatedTime', new Date(group.createdAt).toISOString()))));
}
