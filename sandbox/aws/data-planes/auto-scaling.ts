import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { number, text } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import * as tokens from '../types/tokens.js';
import { members, memberList, queryResult } from './query-result.js';
import { element } from './wire.js';

interface Context {
  readonly cloud: Cloud;
  readonly region: string;
}

type Action = (form: URLSearchParams, context: Context) => string;

/** Auto Scaling's query interface: the calls by which pools are read, and taken along with new bounds. */
export function autoScaling(action: string, form: URLSearchParams, context: Context): string {
  const perform = actions[action];
  if (perform === undefined) throw new AwsError('InvalidAction', `the sandbox does not imitate autoscaling:${action}`);
  return queryResult(action, 'http://autoscaling.amazonaws.com/doc/2011-01-01/', perform(form, context));
}

const actions: Readonly<Record<string, Action>> = {
  DescribeAutoScalingGroups: describeGroups,
  UpdateAutoScalingGroup: updateGroup,
  TerminateInstanceInAutoScalingGroup: terminateInstance,
};

/** By name and by tag. */
function describeGroups(form: URLSearchParams, { cloud, region }: Context): string {
  const names = members(form, 'AutoScalingGroupNames');
  const filters: { name: string; values: string[] }[] = [];
  for (let index = 1; form.has(`Filters.member.${index}.Name`); index += 1) filters.push({ name: form.get(`Filters.member.${index}.Name`) ?? '', values: members(form, `Filters.member.${index}.Values`) });
  const unknown = filters.find(({ name }) => !name.startsWith('tag:'));
  if (unknown !== undefined) throw new AwsError('ValidationError', `the sandbox does not imitate the filter '${unknown.name}' here`);
  const groups = cloud.inventory.ofType(tokens.autoScalingGroup)
    .filter((group) => group.region === region && (names.length === 0 || names.includes(group.id)))
    .filter((group) => filters.every(({ name, values }) => values.includes(tagMap(group.outputs['tags'])[name.slice('tag:'.length)] ?? '')));
  return memberList('AutoScalingGroups', groups.map((group) => shown(group, cloud)));
}

function shown(group: Item, cloud: Cloud): string {
  const instances = cloud.inventory.childrenOf(group, tokens.instance).map((instance) =>
    element('InstanceId', instance.id) + element('AvailabilityZone', text(instance.outputs, 'availabilityZone')) + element('LifecycleState', instance.readyAt > cloud.clock.now() ? 'Pending' : 'InService')
    + element('HealthStatus', 'Healthy') + element('ProtectedFromScaleIn', false));
  const tags = Object.entries(tagMap(group.outputs['tags'])).map(([key, value]) => element('Key', key) + element('Value', value) + element('ResourceId', group.id));
  return element('AutoScalingGroupName', group.id) + element('AutoScalingGroupARN', text(group.outputs, 'arn')) + element('MinSize', number(group.outputs, 'minSize')) + element('MaxSize', number(group.outputs, 'maxSize'))
    + element('DesiredCapacity', number(group.outputs, 'desiredCapacity')) + element('CreatedTime', new Date(group.createdAt).toISOString()) + memberList('Instances', instances) + memberList('Tags', tags);
}

/** Of a group's properties its bounds and its count only. A count that the new bounds leave outside moves to the nearer one, as AWS has it. */
function updateGroup(form: URLSearchParams, context: Context): string {
  const other = [...form.keys()].find((name) => !['Action', 'Version', 'AutoScalingGroupName', 'MinSize', 'MaxSize', 'DesiredCapacity'].includes(name));
  if (other !== undefined) throw new AwsError('ValidationError', `the sandbox does not imitate ${other} of UpdateAutoScalingGroup`);
  const group = groupNamed(form.get('AutoScalingGroupName') ?? '', context);
  const minSize = Number(form.get('MinSize') ?? number(group.outputs, 'minSize') ?? 0);
  const maxSize = Number(form.get('MaxSize') ?? number(group.outputs, 'maxSize') ?? 0);
  if (minSize > maxSize) throw new AwsError('ValidationError', `Min bound, ${minSize}, must be less than or equal to max bound, ${maxSize}`);
  const wanted = form.get('DesiredCapacity');
  if (wanted !== null && (Number(wanted) < minSize || Number(wanted) > maxSize)) throw new AwsError('ValidationError', `New SetDesiredCapacity value ${wanted} is ${Number(wanted) < minSize ? 'below min' : 'above max'} value ${Number(wanted) < minSize ? minSize : maxSize} for the AutoScalingGroup.`);
  const desiredCapacity = wanted === null ? Math.min(Math.max(capacityOf(group), minSize), maxSize) : Number(wanted);
  context.cloud.inventory.update({ ...group, inputs: { ...group.inputs, minSize, maxSize }, outputs: { ...group.outputs, minSize, maxSize, desiredCapacity } });
  return '';
}

/** Ends one instance; another takes its place unless the count is lowered with it, which must stay within the bounds. */
function terminateInstance(form: URLSearchParams, { cloud, region }: Context): string {
  const instance = cloud.inventory.get(tokens.instance, form.get('InstanceId') ?? '');
  const group = instance?.parent?.type === tokens.autoScalingGroup ? lookUp(cloud, tokens.autoScalingGroup, instance.parent.id) : undefined;
  if (instance === undefined || group?.region !== region) throw new AwsError('ValidationError', `Instance Id not found - No managed instance found for instance ID: ${form.get('InstanceId') ?? ''}`);
  const lowers = form.get('ShouldDecrementDesiredCapacity') === 'true';
  const minSize = number(group.outputs, 'minSize') ?? 0;
  if (lowers && capacityOf(group) <= minSize) {
    throw new AwsError('ValidationError', `Currently, desiredSize equals minSize (${minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`);
  }
  // In one turn: whoever follows the group's count finds the instance gone and the count lowered.
  cloud.inventory.delete(instance);
  if (lowers) cloud.inventory.update({ ...group, outputs: { ...group.outputs, desiredCapacity: capacityOf(group) - 1 } });
  const now = cloud.clock.timestamp();
  return element('Activity', element('ActivityId', randomUUID()) + element('AutoScalingGroupName', group.id) + element('Cause', `At ${now} instance ${instance.id} was taken out of service in response to a user request.`)
    + element('StartTime', now) + element('StatusCode', 'InProgress') + element('Progress', 0), 'elements');
}

function groupNamed(name: string, { cloud, region }: Context): Item {
  const group = lookUp(cloud, tokens.autoScalingGroup, name);
  if (group?.region !== region) throw new AwsError('ValidationError', 'AutoScalingGroup name not found - null');
  return group;
}

function capacityOf(group: Item): number {
  return number(group.outputs, 'desiredCapacity') ?? 0;
}
