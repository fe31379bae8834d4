import type { Item } from '../../inventory/item.js';
import { arn, inRegion, lookUp } from '../cloud.js';
import { atMostOne, length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { ec2Id, hex } from '../ids.js';
import { number, object, text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';

export const autoScalingGroup: ResourceType = {
  token: tokens.autoScalingGroup,
  // The provider waits until the desired capacity is in service, and on deletion until the instances are gone.
  latency: { create: 45, update: 5, delete: 60 },
  replaces: ['name', 'namePrefix', 'placementGroup', 'region'],
  autoname: { property: 'name', longest: 255 },
  defaults: { defaultCooldown: 300, forceDelete: false, healthCheckGracePeriod: 300, healthCheckType: 'EC2', metricsGranularity: '1Minute', protectFromScaleIn: false, capacityRebalance: false, waitForCapacityTimeout: '10m' },
  checks: [
    length('name', 1, 255),
    pattern('name', /^[^:]+$/, 'not contain a colon'),
    range('minSize', 0, 10_000),
    range('maxSize', 0, 10_000),
    range('desiredCapacity', 0, 10_000),
    range('healthCheckGracePeriod', 0, 2_147_483_647),
    oneOf('healthCheckType', ['EC2', 'ELB']),
    atMostOne('availabilityZones', 'vpcZoneIdentifiers'),
    pattern('waitForCapacityTimeout', /^(\d+(\.\d+)?(h|m|s))+$|^0$/, 'be a duration such as 10m'),
    rule(['minSize', 'maxSize', 'desiredCapacity'], (inputs) => {
      const [least, most, wanted] = [number(inputs, 'minSize'), number(inputs, 'maxSize'), number(inputs, 'desiredCapacity')];
      if (least !== undefined && most !== undefined && least > most) return `minSize ${least} is above maxSize ${most}`;
      if (wanted === undefined) return undefined;
      if (least !== undefined && wanted < least) return `desiredCapacity ${wanted} is below minSize ${least}`;
      return most !== undefined && wanted > most ? `desiredCapacity ${wanted} is above maxSize ${most}` : undefined;
    }),
    rule(['launchTemplate', 'mixedInstancesPolicy', 'launchConfiguration'], (inputs) => {
      const given = ['launchConfiguration', 'launchTemplate', 'mixedInstancesPolicy'].filter((name) => inputs[name] !== undefined);
      return given.length === 1 ? undefined : 'exactly one of launchConfiguration, launchTemplate, mixedInstancesPolicy must be specified';
    }),
    rule(['mixedInstancesPolicy', 'launchConfiguration'], (inputs) => (inputs['launchTemplate'] === undefined && (inputs['mixedInstancesPolicy'] !== undefined || inputs['launchConfiguration'] !== undefined) ? 'the sandbox imitates auto-scaling groups with a launchTemplate only' : undefined)),
  ],
  references: [refers('vpcZoneIdentifiers[]', tokens.subnet), refers('launchTemplate.id', tokens.launchTemplate), refers('launchTemplate.name', tokens.launchTemplate), refers('targetGroupArns[]', tokens.targetGroup)],
  admit(request) {
    const { inputs, cloud, region, existing } = request;
    const name = text(inputs, 'name') ?? '';
    if (inRegion(cloud, tokens.autoScalingGroup, region).some((other) => other.id !== existing?.id && other.id === name)) {
      throw new AwsError('AlreadyExists', `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`);
    }
    if (texts(inputs, 'vpcZoneIdentifiers').length === 0 && texts(inputs, 'availabilityZones').length === 0) {
      throw new AwsError('ValidationError', 'At least one Availability Zone or VPC Subnet is required.');
    }
    requireTemplateVersion(request);
  },
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ inputs, region, cloud }, id) => ({
    arn: arn('autoscaling', region, `autoScalingGroup:${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}:autoScalingGroupName/${id}`),
    desiredCapacity: number(inputs, 'desiredCapacity') ?? number(inputs, 'minSize') ?? 0,
    availabilityZones: zonesOf(texts(inputs, 'vpcZoneIdentifiers').flatMap((subnet) => cloud.inventory.get(tokens.subnet, subnet) ?? [])),
    predictedCapacity: 0,
    warmPoolSize: 0,
  }),
  // Without a wish of its own the capacity stays where the autoscaler put it, within the new bounds.
  recomputed: ({ inputs, cloud }, existing) => ({
    desiredCapacity: number(inputs, 'desiredCapacity') ?? Math.min(Math.max(number(existing.outputs, 'desiredCapacity') ?? 0, number(inputs, 'minSize') ?? 0), number(inputs, 'maxSize') ?? 0),
    availabilityZones: zonesOf(texts(inputs, 'vpcZoneIdentifiers').flatMap((subnet) => cloud.inventory.get(tokens.subnet, subnet) ?? [])),
  }),
  parent(request) {
    const subnet = request.cloud.inventory.get(tokens.subnet, texts(request.inputs, 'vpcZoneIdentifiers')[0] ?? '');
    const vpcId = text(subnet?.outputs ?? {}, 'vpcId');
    return vpcId === undefined ? undefined : { type: tokens.vpc, id: vpcId };
  },
  // Its instances are its children, and go with it.
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};

function zonesOf(subnets: readonly Item[]): string[] {
  return [...new Set(subnets.flatMap(({ outputs }) => text(outputs, 'availabilityZone') ?? []))];
}

function requireTemplateVersion({ inputs, cloud }: Request): void {
  const given = object(inputs, 'launchTemplate');
  const template = lookUp(cloud, tokens.launchTemplate, text(given, 'id') ?? text(given, 'name') ?? '');
  const version = text(given, 'version') ?? '$Default';
  if (template === undefined || version.startsWith('$')) return;
  if (!(Number(version) >= 1 && Number(version) <= (number(template.outputs, 'latestVersion') ?? 1))) {
    throw new AwsError('ValidationError', `You must use a valid fully-formed launch template. Could not find the specified version ${version} for the launch template with ID ${template.id}.`);
  }
}

export const autoScalingAttachment: ResourceType = {
  token: tokens.autoScalingAttachment,
  latency: { create: 2, update: 1, delete: 2 },
  replaces: ['autoscalingGroupName', 'elb', 'lbTargetGroupArn', 'region'],
  checks: [rule(['elb', 'lbTargetGroupArn'], (inputs) => ((inputs['elb'] === undefined) === (inputs['lbTargetGroupArn'] === undefined) ? 'exactly one of elb, lbTargetGroupArn must be specified' : undefined))],
  references: [refers('autoscalingGroupName', tokens.autoScalingGroup), refers('lbTargetGroupArn', tokens.targetGroup)],
  admit(request) {
    const group = referred(request, 'autoscalingGroupName', tokens.autoScalingGroup);
    const twin = request.cloud.inventory.childrenOf(group, tokens.autoScalingAttachment).some((other) => other.id !== request.existing?.id && text(other.outputs, 'lbTargetGroupArn') === text(request.inputs, 'lbTargetGroupArn'));
    if (twin) throw new AwsError('ValidationError', `${group.id} is attached to this target group already`);
  },
  id: () => ec2Id('asa').slice(4),
  parent: parentBy('autoscalingGroupName', tokens.autoScalingGroup),
};
