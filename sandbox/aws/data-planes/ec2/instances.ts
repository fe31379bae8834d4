import type { Item } from '../../../inventory/item.js';
import { accountId, type Cloud } from '../../cloud.js';
import { AwsError } from '../../errors.js';
import { text, texts } from '../../../provider/properties.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { filtersOf, numbered, tagSet, tagValues, type Ec2Context } from './query.js';

const instanceType = 'aws:ec2/instance:Instance';
/** Real seconds from the start of a stopped instance until it runs. */
const bootSeconds = 15;

const stateCodes: Readonly<Record<string, number>> = { pending: 0, running: 16, stopped: 80 };

/** DescribeInstances, by id and by the filters that are listed below. */
export function describeInstances(form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const ids = numbered(form, 'InstanceId');
  const missing = ids.find((id) => cloud.inventory.get(instanceType, id) === undefined);
  if (missing !== undefined) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${missing}' does not exist`);
  const filters = filtersOf(form);
  const found = cloud.inventory
    .ofType(instanceType)
    .filter((item) => item.region === region && (ids.length === 0 || ids.includes(item.id)))
    .filter((item) => filters.every(({ name, values }) => valuesOf(item, name, cloud).some((value) => values.includes(value))));
  const reservations = found.map((item) => {
    const instances = element('instancesSet', element('item', shown(item, cloud), 'elements'), 'elements');
    return element('item', element('reservationId', `r-${item.id.slice(2)}`) + element('ownerId', accountId) + instances, 'elements');
  });
  return element('reservationSet', reservations.join(''), 'elements');
}

/** StartInstances and StopInstances. An instance stops at once, and runs again after the time that a new one takes. */
export function switchInstances(to: 'running' | 'stopped', form: URLSearchParams, { cloud }: Ec2Context): string {
  const changes = numbered(form, 'InstanceId').map((id) => {
    const item = cloud.inventory.get(instanceType, id);
    if (item === undefined) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return { item, before: stateOf(item, cloud) };
  });
  const groups = changes.find(({ item }) => item.parent?.type === tokens.autoScalingGroup);
  if (groups !== undefined) throw new AwsError('UnsupportedOperation', `the sandbox does not stop instances of auto-scaling groups, such as ${groups.item.id}`);
  for (const { item, before } of changes) {
    if (before === to || (before === 'pending' && to === 'running')) continue;
    const readyAt = to === 'running' ? cloud.clock.now() + cloud.latency.milliseconds(bootSeconds) : item.readyAt;
    cloud.inventory.update({ ...item, outputs: { ...item.outputs, instanceState: to }, readyAt });
  }
  const state = (name: string): string => element('code', stateCodes[name] ?? 16) + element('name', name);
  const shownChanges = changes.map(({ item, before }) => {
    const now = stateOf(cloud.inventory.get(instanceType, item.id) ?? item, cloud);
    return element('item', element('instanceId', item.id) + element('currentState', state(now), 'elements') + element('previousState', state(before), 'elements'), 'elements');
  });
  return element('instancesSet', shownChanges.join(''), 'elements');
}

function valuesOf(item: Item, filter: string, cloud: Cloud): string[] {
  const byTag = tagValues(item, filter);
  if (byTag !== undefined) return byTag;
  switch (filter) {
    case 'instance-id':
      return [item.id];
    case 'instance-state-name':
      return [stateOf(item, cloud)];
    case 'private-ip-address':
      return [text(item.outputs, 'privateIp') ?? ''];
    case 'private-dns-name':
      return [text(item.outputs, 'privateDns') ?? ''];
    case 'subnet-id':
      return [text(item.outputs, 'subnetId') ?? ''];
    default:
      throw new AwsError('InvalidParameterValue', `the sandbox does not imitate the filter '${filter}'`);
  }
}

/** A function of the creation stamp and the clock: pending until it is ready. */
function stateOf(item: Item, cloud: Cloud): string {
  return item.readyAt > cloud.clock.now() ? 'pending' : (text(item.outputs, 'instanceState') ?? 'running');
}

function shown(item: Item, cloud: Cloud): string {
  const { outputs } = item;
  const subnet = cloud.inventory.get('aws:ec2/subnet:Subnet', text(outputs, 'subnetId') ?? '');
  const state = stateOf(item, cloud);
  const groups = texts(outputs, 'vpcSecurityGroupIds').map((id) => element('item', element('groupId', id), 'elements'));
  return (
    element('instanceId', item.id) +
    element('imageId', text(outputs, 'ami')) +
    element('instanceState', element('code', stateCodes[state] ?? 16) + element('name', state), 'elements') +
    element('privateDnsName', text(outputs, 'privateDns')) +
    element('privateIpAddress', text(outputs, 'privateIp')) +
    element('instanceType', text(outputs, 'instanceType')) +
    element('launchTime', new Date(item.createdAt).toISOString()) +
    element('placement', element('availabilityZone', text(outputs, 'availabilityZone')), 'elements') +
    element('subnetId', text(outputs, 'subnetId')) +
    element('vpcId', text(subnet?.outputs ?? {}, 'vpcId')) +
    element('groupSet', groups.join(''), 'elements') +
    tagSet(item)
  );
}
