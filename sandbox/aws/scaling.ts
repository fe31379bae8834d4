import type { Inventory } from '../inventory/inventory.js';
import type { Item } from '../inventory/item.js';
import { tagMap } from '../inventory/tags.js';
import type { PropertyMap } from '../protocol/values.js';
import type { Cloud } from './cloud.js';
import { lookUp } from './cloud.js';
import { admitNew } from './lifecycle.js';
import { isMap, number, object, objects, text, texts } from '../provider/properties.js';
import type { ResourceType } from './resource-type.js';

const groupType = 'aws:autoscaling/group:Group';
const instanceType = 'aws:ec2/instance:Instance';
/** The tag by which EC2 tells which instances a group launched. */
const groupTag = 'aws:autoscaling:groupName';

/** Makes every auto-scaling group hold as many instances as it wants, now and on every later change of it. */
export function followCapacity(cloud: Cloud, instance: ResourceType): void {
  const { inventory } = cloud;
  const follow = (group: Item): void => {
    if (group.type === groupType) adjust(cloud, instance, group);
  };
  inventory.subscribe({
    created: follow,
    updated: follow,
    deleted(item) {
      // An instance that vanished behind the group's back is replaced, as the group's health check would.
      const group = item.type === instanceType ? inventory.get(groupType, tagMap(item.outputs['tagsAll'])[groupTag] ?? '') : undefined;
      if (group !== undefined) queueMicrotask(() => follow(inventory.get(groupType, group.id) ?? item));
    },
  });
}

/** The instances of a group, oldest first. */
function instancesOf(inventory: Inventory, group: Item): Item[] {
  return inventory.childrenOf(group, instanceType);
}

function adjust(cloud: Cloud, instance: ResourceType, group: Item): void {
  const wanted = number(group.outputs, 'desiredCapacity') ?? 0;
  const running = instancesOf(cloud.inventory, group);
  for (let count = running.length; count < wanted; count += 1) launch(cloud, instance, group);
  for (const surplus of running.slice(wanted)) cloud.inventory.delete(surplus);
}

/** Launches one instance in the emptiest of the group's subnets. */
function launch(cloud: Cloud, instance: ResourceType, group: Item): void {
  const given = object(group.outputs, 'launchTemplate');
  const template = lookUp(cloud, 'aws:ec2/launchTemplate:LaunchTemplate', text(given, 'id') ?? text(given, 'name') ?? '');
  if (template === undefined) return;
  const running = instancesOf(cloud.inventory, group).map((item) => text(item.outputs, 'subnetId'));
  const [subnetId] = texts(group.outputs, 'vpcZoneIdentifiers')
    .map((id): [string, number] => [id, running.filter((used) => used === id).length])
    .reduce<[string, number]>((least, next) => (next[1] < least[1] ? next : least), ['', Number.POSITIVE_INFINITY]);
  const item = admitNew(cloud, instance, group.region, instanceInputs(template, group, subnetId), { type: groupType, id: group.id });
  cloud.inventory.update({ ...item, cluster: item.cluster ?? group.cluster, uid: item.uid ?? group.uid, resource: item.resource ?? group.resource });
}

function instanceInputs(template: Item, group: Item, subnetId: string): PropertyMap {
  const data = template.outputs;
  const profile = object(data, 'iamInstanceProfile');
  const mapping = objects(data, 'blockDeviceMappings')[0];
  const [networkInterface] = objects(data, 'networkInterfaces');
  const fromTemplate = objects(data, 'tagSpecifications').find((specification) => text(specification, 'resourceType') === 'instance');
  const propagated = (Array.isArray(group.outputs['tags']) ? group.outputs['tags'] : []).filter((tag) => isMap(tag) && tag['propagateAtLaunch'] === true);
  const tags = { ...tagMap(fromTemplate?.['tags']), ...tagMap(propagated), [groupTag]: group.id };
  const groups = texts(data, 'vpcSecurityGroupIds');
  return {
    ami: text(data, 'imageId') ?? '',
    instanceType: text(data, 'instanceType') ?? '',
    subnetId,
    vpcSecurityGroupIds: groups.length > 0 ? groups : texts(networkInterface ?? {}, 'securityGroups'),
    tags,
    ...(text(data, 'userData') === undefined ? {} : { userDataBase64: text(data, 'userData') ?? '' }),
    ...(Object.keys(profile).length === 0 ? {} : { iamInstanceProfile: text(profile, 'name') ?? text(profile, 'arn')?.split('/').at(-1) ?? '' }),
    ...(data['metadataOptions'] === undefined ? {} : { metadataOptions: object(data, 'metadataOptions') }),
    ...(mapping === undefined ? {} : { rootBlockDevice: withoutSnapshot(object(mapping, 'ebs')) }),
  };
}

/** A launch template writes booleans as text; everything else has the same names as in an instance's root device. */
function withoutSnapshot(ebs: PropertyMap): PropertyMap {
  const { snapshotId: _snapshot, ...rest } = ebs;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value === 'true' ? true : value === 'false' ? false : value]));
}
