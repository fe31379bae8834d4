import type { PropertyMap } from '../../protocol/values.js';
import { addressesIn, privateAddress, privateName } from '../addresses.js';
import { arn } from '../cloud.js';
import { atMostOne, length, oneOf, pattern, range, rule, type Check } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { ec2Id } from '../ids.js';
import { flag, number, object, objects, text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { parentBy, referred, refers, usersOf } from './references.js';
import { requireSameNetwork } from './security-groups.js';
import * as tokens from './tokens.js';

/** "User data is limited to 16 KB, in raw form, before it is base64-encoded" (EC2 user guide). */
const longestUserData = 16_384;
const instanceTypes = /^[a-z][a-z0-9-]*\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$/;
const volumeTypes = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'];

/** User data in its two forms: as it is, or in base64. */
function userDataChecks(plain: string | undefined, encoded: string): Check[] {
  const size = (bytes: number): string | undefined => (bytes > longestUserData ? `User data is limited to ${longestUserData} bytes, has ${bytes}` : undefined);
  return [
    ...(plain === undefined ? [] : [rule([plain], (inputs) => size(Buffer.byteLength(text(inputs, plain) ?? '')))]),
    rule([encoded], (inputs) => {
      const value = text(inputs, encoded) ?? '';
      const bytes = Buffer.from(value, 'base64');
      return bytes.toString('base64').replace(/=+$/, '') === value.replace(/\s|=+$/g, '') ? size(bytes.length) : 'Invalid BASE64 encoding of user data';
    }),
  ];
}

/** The limits of general-purpose volumes (EBS user guide); `at` is the path of the volume's properties. */
export function volumeFault(properties: PropertyMap, kindProperty: 'type' | 'volumeType', sizeProperty: 'size' | 'volumeSize'): string | undefined {
  const kind = text(properties, kindProperty) ?? 'gp2';
  const [size, iops, throughput] = [number(properties, sizeProperty), number(properties, 'iops'), number(properties, 'throughput')];
  if (!volumeTypes.includes(kind)) return `volume type ${kind} must be one of ${volumeTypes.join(', ')}`;
  if (size !== undefined && (size < 1 || size > 65_536)) return `volume size ${size} GiB is outside 1 to 65536`;
  if (kind !== 'gp3') return throughput === undefined ? undefined : `throughput cannot be given for ${kind}`;
  if (iops !== undefined && (iops < 3000 || iops > 80_000)) return `gp3 takes 3000 to 80000 iops, not ${iops}`;
  if (throughput !== undefined && (throughput < 125 || throughput > 2000)) return `gp3 takes 125 to 2000 MiB/s, not ${throughput}`;
  if (iops !== undefined && iops > 3000 && size !== undefined && iops > size * 500) return `gp3 takes at most 500 iops per GiB: ${iops} iops need ${Math.ceil(iops / 500)} GiB`;
  return throughput !== undefined && throughput > (iops ?? 3000) / 4 ? `gp3 takes at most 0.25 MiB/s per iops: ${throughput} MiB/s need ${throughput * 4} iops` : undefined;
}

const metadataChecks: readonly Check[] = [
  oneOf('metadataOptions.httpTokens', ['optional', 'required']),
  oneOf('metadataOptions.httpEndpoint', ['enabled', 'disabled']),
  range('metadataOptions.httpPutResponseHopLimit', 1, 64),
];

export const instance: ResourceType = {
  token: tokens.instance,
  latency: { create: 15, update: 3, delete: 40 },
  replaces: [
    'ami', 'associatePublicIpAddress', 'availabilityZone', 'cpuOptions', 'ebsBlockDevices', 'ephemeralBlockDevices', 'hostId', 'keyName', 'networkInterfaces',
    'placementGroup', 'privateIp', 'subnetId', 'tenancy', 'region', 'securityGroups', 'instanceMarketOptions',
  ],
  defaults: { ebsOptimized: false, monitoring: false, sourceDestCheck: true, tenancy: 'default', userDataReplaceOnChange: false, getPasswordData: false, hibernation: false, disableApiTermination: false, disableApiStop: false },
  checks: [
    pattern('ami', /^ami-[0-9a-f]{8,17}$/, 'be an image id such as ami-0123456789abcdef0'),
    pattern('instanceType', instanceTypes, 'be an instance type such as m7i.large'),
    atMostOne('userData', 'userDataBase64'),
    ...userDataChecks('userData', 'userDataBase64'),
    ...metadataChecks,
    rule(['rootBlockDevice'], (inputs) => (inputs['rootBlockDevice'] === undefined ? undefined : volumeFault(object(inputs, 'rootBlockDevice'), 'volumeType', 'volumeSize'))),
    rule(['ebsBlockDevices'], (inputs) => objects(inputs, 'ebsBlockDevices').map((device) => volumeFault(device, 'volumeType', 'volumeSize')).find((fault) => fault !== undefined)),
    rule(['ami', 'launchTemplate'], (inputs) => (inputs['ami'] === undefined && inputs['launchTemplate'] === undefined ? 'one of ami, launchTemplate must be specified' : undefined)),
    rule(['instanceType', 'launchTemplate'], (inputs) => (inputs['instanceType'] === undefined && inputs['launchTemplate'] === undefined ? 'one of instanceType, launchTemplate must be specified' : undefined)),
  ],
  references: [
    refers('subnetId', tokens.subnet),
    refers('vpcSecurityGroupIds[]', tokens.securityGroup),
    refers('iamInstanceProfile', tokens.instanceProfile),
    refers('rootBlockDevice.kmsKeyId', tokens.key),
    refers('ebsBlockDevices[].kmsKeyId', tokens.key),
  ],
  admit(request) {
    const { inputs, cloud, existing } = request;
    if (text(inputs, 'subnetId') === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.');
    const subnet = referred(request, 'subnetId', tokens.subnet);
    requireSameNetwork(request, texts(inputs, 'vpcSecurityGroupIds'), text(subnet.outputs, 'vpcId'));
    requireRole(request, text(inputs, 'iamInstanceProfile'));
    const zone = text(inputs, 'availabilityZone');
    if (zone !== undefined && zone !== text(subnet.outputs, 'availabilityZone')) throw new AwsError('InvalidParameterValue', `The availability zone ${zone} is not that of ${subnet.id}`);
    const wanted = text(inputs, 'privateIp');
    if (existing === undefined && wanted !== undefined && addressesIn(cloud.inventory, subnet).has(wanted)) {
      throw new AwsError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
    }
  },
  id: () => ec2Id('i'),
  computed(request, id) {
    const { inputs, region, cloud } = request;
    const subnet = referred(request, 'subnetId', tokens.subnet);
    const address = text(inputs, 'privateIp') ?? privateAddress(cloud.inventory, subnet);
    return {
      arn: arn('ec2', region, `instance/${id}`),
      availabilityZone: text(subnet.outputs, 'availabilityZone') ?? '',
      instanceState: 'running',
      privateIp: address,
      privateDns: privateName(address, region),
      primaryNetworkInterfaceId: ec2Id('eni'),
      publicDns: '',
      publicIp: '',
      vpcSecurityGroupIds: inputs['vpcSecurityGroupIds'] ?? [],
      rootBlockDevice: { deviceName: '/dev/sda1', volumeType: 'gp3', volumeSize: 8, encrypted: false, deleteOnTermination: true, ...object(inputs, 'rootBlockDevice'), volumeId: ec2Id('vol') },
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 2, instanceMetadataTags: 'disabled', ...object(inputs, 'metadataOptions') },
    };
  },
  recomputed: ({ inputs }, existing) => ({
    rootBlockDevice: { ...object(existing.outputs, 'rootBlockDevice'), ...object(inputs, 'rootBlockDevice') },
    metadataOptions: { ...object(existing.outputs, 'metadataOptions'), ...object(inputs, 'metadataOptions') },
  }),
  parent: parentBy('subnetId', tokens.subnet),
  blocker: (item) =>
    flag(item.outputs, 'disableApiTermination') && !flag(item.outputs, 'forceDestroy')
      ? new AwsError('OperationNotPermitted', `The instance '${item.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`)
      : undefined,
  afterDelete(item, cloud) {
    for (const attachment of cloud.inventory.ofType(tokens.volumeAttachment)) if (text(attachment.outputs, 'instanceId') === item.id) cloud.inventory.delete(attachment);
  },
};

/** A profile without a role gives an instance nothing; EC2 refuses it. */
function requireRole({ cloud }: Request, profile: string | undefined): void {
  const item = profile === undefined ? undefined : cloud.inventory.get(tokens.instanceProfile, profile);
  if (item !== undefined && text(item.outputs, 'role') === undefined) throw new AwsError('InvalidParameterValue', `IAM Instance Profile "${item.id}" has no associated IAM Roles`);
}

export const volume: ResourceType = {
  token: tokens.volume,
  latency: { create: 10, update: 5, delete: 10 },
  replaces: ['availabilityZone', 'encrypted', 'kmsKeyId', 'multiAttachEnabled', 'outpostArn', 'snapshotId', 'region'],
  defaults: { encrypted: false, finalSnapshot: false, multiAttachEnabled: false, type: 'gp2' },
  checks: [
    rule(['size', 'type', 'iops', 'throughput'], (inputs) => volumeFault(inputs, 'type', 'size')),
    rule(['size', 'snapshotId'], (inputs) => (inputs['size'] === undefined && inputs['snapshotId'] === undefined ? 'one of size, snapshotId must be specified' : undefined)),
  ],
  references: [refers('kmsKeyId', tokens.key)],
  admit({ inputs, existing }) {
    if (text(inputs, 'kmsKeyId') !== undefined && inputs['encrypted'] !== true) throw new AwsError('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
    const [before, now] = [number(existing?.outputs ?? {}, 'size'), number(inputs, 'size')];
    if (before !== undefined && now !== undefined && now < before) throw new AwsError('InvalidParameterValue', `New size cannot be smaller than existing size (${before} GiB)`);
  },
  id: () => ec2Id('vol'),
  computed: ({ region, inputs, cloud }, id) => ({
    arn: arn('ec2', region, `volume/${id}`),
    createTime: cloud.clock.timestamp(),
    ...(text(inputs, 'type') === 'gp3' ? { iops: number(inputs, 'iops') ?? 3000, throughput: number(inputs, 'throughput') ?? 125 } : {}),
  }),
  blocker(item, cloud) {
    const [user] = usersOf(item, cloud, tokens.volumeAttachment, 'volumeId');
    return user === undefined ? undefined : new AwsError('VolumeInUse', `Volume ${item.id} is currently attached to ${text(user.outputs, 'instanceId') ?? ''}`);
  },
};

export const volumeAttachment: ResourceType = {
  token: tokens.volumeAttachment,
  latency: { create: 6, update: 1, delete: 6 },
  replaces: ['deviceName', 'instanceId', 'volumeId', 'region'],
  checks: [pattern('deviceName', /^(\/dev\/)?(sd[a-z]\d{0,2}|xvd[a-z]{1,2})$/, 'be a device name such as /dev/sdf')],
  references: [refers('instanceId', tokens.instance), refers('volumeId', tokens.volume)],
  admit(request) {
    if (request.existing !== undefined) return;
    const [host, disk] = [referred(request, 'instanceId', tokens.instance), referred(request, 'volumeId', tokens.volume)];
    const zones = [host, disk].map(({ outputs }) => text(outputs, 'availabilityZone'));
    if (zones[0] !== zones[1]) throw new AwsError('InvalidVolume.ZoneMismatch', `The volume '${disk.id}' is not in the same availability zone as instance '${host.id}'`);
    const attachments = request.cloud.inventory.ofType(tokens.volumeAttachment);
    if (attachments.some(({ outputs }) => text(outputs, 'volumeId') === disk.id)) throw new AwsError('VolumeInUse', `${disk.id} is already attached to an instance`);
    const device = text(request.inputs, 'deviceName') ?? '';
    const clash = attachments.some(({ outputs }) => text(outputs, 'instanceId') === host.id && text(outputs, 'deviceName') === device);
    if (clash || text(object(host.outputs, 'rootBlockDevice'), 'deviceName') === device) throw new AwsError('InvalidParameterValue', `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`);
  },
  id: () => ec2Id('vai'),
  // "DEVICE_NAME:VOLUME_ID:INSTANCE_ID"
  imported: (id, cloud) => cloud.inventory.ofType(tokens.volumeAttachment).find(({ outputs }) => ['deviceName', 'volumeId', 'instanceId'].map((name) => text(outputs, name)).join(':') === id),
  parent: parentBy('instanceId', tokens.instance),
};

export const launchTemplate: ResourceType = {
  token: tokens.launchTemplate,
  latency: { create: 5, update: 2, delete: 1 },
  replaces: ['name', 'namePrefix', 'region'],
  autoname: { property: 'name', longest: 125 },
  defaults: { defaultVersion: 1 },
  checks: [
    length('name', 3, 128),
    pattern('name', /^[\w()./-]+$/, 'contain only letters, digits and ( ) . / _ -'),
    pattern('imageId', /^(ami-[0-9a-f]{8,17}|resolve:ssm:.+)$/, 'be an image id such as ami-0123456789abcdef0'),
    pattern('instanceType', instanceTypes, 'be an instance type such as m7i.large'),
    atMostOne('defaultVersion', 'updateDefaultVersion'),
    ...userDataChecks(undefined, 'userData'),
    ...metadataChecks,
    oneOf('tagSpecifications[].resourceType', ['instance', 'volume', 'network-interface', 'spot-instances-request', 'elastic-gpu']),
    rule(['blockDeviceMappings'], (inputs) => objects(inputs, 'blockDeviceMappings').map((mapping) => volumeFault(object(mapping, 'ebs'), 'volumeType', 'volumeSize')).find((fault) => fault !== undefined)),
  ],
  references: [
    refers('vpcSecurityGroupIds[]', tokens.securityGroup),
    refers('networkInterfaces[].securityGroups[]', tokens.securityGroup),
    refers('iamInstanceProfile.name', tokens.instanceProfile),
    refers('iamInstanceProfile.arn', tokens.instanceProfile),
    refers('blockDeviceMappings[].ebs.kmsKeyId', tokens.key),
  ],
  admit({ inputs, cloud, existing, region }) {
    const name = text(inputs, 'name');
    const twin = cloud.inventory.ofType(tokens.launchTemplate).find((other) => other.id !== existing?.id && other.region === region && text(other.outputs, 'name') === name);
    if (twin !== undefined) throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', `Launch template name already in use: ${name ?? ''}`);
    if (inputs['vpcSecurityGroupIds'] !== undefined && inputs['networkInterfaces'] !== undefined) {
      throw new AwsError('InvalidParameterCombination', 'Network interfaces and an instance-level security groups may not be specified on the same request');
    }
  },
  id: () => ec2Id('lt'),
  computed: ({ region }, id) => ({ arn: arn('ec2', region, `launch-template/${id}`), latestVersion: 1 }),
  recomputed({ inputs }, existing) {
    const { tags: _new, ...data } = inputs;
    const { tags: _old, ...before } = existing.inputs;
    const version = (number(existing.outputs, 'latestVersion') ?? 1) + (JSON.stringify(data) === JSON.stringify(before) ? 0 : 1);
    return { latestVersion: version, ...(inputs['updateDefaultVersion'] === true ? { defaultVersion: version } : {}) };
  },
  volatile: ['latestVersion', 'defaultVersion'],
};
