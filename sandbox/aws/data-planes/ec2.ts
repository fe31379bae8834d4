import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { accountId, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text, texts } from '../properties.js';
import { element } from './wire.js';

const instanceType = 'aws:ec2/instance:Instance';

/** EC2's query interface: DescribeInstances, by id and by the filters that are listed below. */
export function ec2(action: string, form: URLSearchParams, { cloud, region }: { cloud: Cloud; region: string }): string {
  if (action !== 'DescribeInstances') throw new AwsError('InvalidAction', `the sandbox does not imitate ec2:${action}`);
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
  const body = element('requestId', randomUUID()) + element('reservationSet', reservations.join(''), 'elements');
  return `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}</DescribeInstancesResponse>`;
}

/** `InstanceId.1=…&InstanceId.2=…` */
function numbered(form: URLSearchParams, prefix: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index += 1) {
    const value = form.get(`${prefix}.${index}`);
    if (value === null) return values;
    values.push(value);
  }
}

function filtersOf(form: URLSearchParams): { name: string; values: string[] }[] {
  return numbered(form, 'Filter').length > 0 || form.get('Filter.1.Name') !== null
    ? Array.from({ length: [...form.keys()].filter((key) => /^Filter\.\d+\.Name$/.test(key)).length }, (_, index) => ({
        name: form.get(`Filter.${index + 1}.Name`) ?? '',
        values: numbered(form, `Filter.${index + 1}.Value`),
      }))
    : [];
}

function valuesOf(item: Item, filter: string, cloud: Cloud): string[] {
  const tags = tagMap(item.outputs['tagsAll']);
  if (filter.startsWith('tag:')) return [tags[filter.slice(4)] ?? []].flat();
  switch (filter) {
    case 'tag-key':
      return Object.keys(tags);
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

const stateCodes: Readonly<Record<string, number>> = { pending: 0, running: 16, stopped: 80 };

function shown(item: Item, cloud: Cloud): string {
  const { outputs } = item;
  const subnet = cloud.inventory.get('aws:ec2/subnet:Subnet', text(outputs, 'subnetId') ?? '');
  const state = stateOf(item, cloud);
  const groups = texts(outputs, 'vpcSecurityGroupIds').map((id) => element('item', element('groupId', id), 'elements'));
  const tags = Object.entries(tagMap(outputs['tagsAll'])).map(([key, value]) => element('item', element('key', key) + element('value', value), 'elements'));
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
    element('tagSet', tags.join(''), 'elements')
  );
}
