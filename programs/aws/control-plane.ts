import { Volume } from '@pulumi/aws/ebs/volume.js';
import { Instance } from '@pulumi/aws/ec2/instance.js';
import { VolumeAttachment } from '@pulumi/aws/ec2/volumeAttachment.js';
import { TargetGroupAttachment } from '@pulumi/aws/lb/targetGroupAttachment.js';
import type * as pulumi from '@pulumi/pulumi';
import { rootDiskGiB } from '../../model/clouds/index.js';
import type { NodeArchive } from '../nodes/archive.js';
import type { NodeTemplates } from '../nodes/templates.js';
import { userData } from '../nodes/user-data.js';
import { controlPlaneFacts } from '../nodes/facts.js';
import { ownershipTag, type Context } from './context.js';
import type { Identity } from './identity.js';
import type { ApiEntry } from './load-balancer.js';
import { metadataOptions } from './machines.js';
import type { Network, ZoneNetwork } from './network.js';
import type { Security } from './security.js';
import type { Storage } from './storage.js';
import { controlPlaneAddress } from './subnet-layout.js';

/** A machine of the control plane. */
export interface ControlPlaneMachine {
  /** The Name tag: `NAME-cp-1` and so on. */
  readonly name: string;
  readonly id: pulumi.Output<string>;
  readonly zone: string;
  readonly address: string;
}

/** What the machines stand on. */
export interface ControlPlaneGround {
  readonly network: Network;
  readonly security: Security;
  readonly identity: Identity;
  readonly storage: Storage;
  readonly entry: ApiEntry;
  readonly image: pulumi.Output<string>;
  readonly templates: NodeTemplates;
  /** Where the machines find what their user data has no room for. */
  readonly archive: NodeArchive['facts'];
  /** What must exist before a machine boots. */
  readonly before: readonly pulumi.Resource[];
}

/**
 * Control-plane machines are pets: image, user data, size and disks are taken at creation and change only through the rolling operation, machine by
 * machine. https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 */
const keptAsMade = ['ami', 'userDataBase64', 'userData', 'instanceType', 'rootBlockDevice', 'tags["clusterwright:template"]'];

/**
 * The control-plane machines one by one over the zones, each with a fixed address and an etcd disk of its own; while an upgrade replaces them, one more with the next number.
 */
export function controlPlane(context: Context, ground: ControlPlaneGround): ControlPlaneMachine[] {
  const { zones } = ground.network;
  return Array.from({ length: context.spec.controlPlane.replicas + (context.rollout?.surge === true ? 1 : 0) }, (_, index) => index).flatMap((index) => {
    const zone = zones[index % zones.length];
    return zone ? [machine(context, ground, zone, index + 1, Math.floor(index / zones.length))] : [];
  });
}

function machine(context: Context, ground: ControlPlaneGround, zone: ZoneNetwork, number: number, indexInZone: number): ControlPlaneMachine {
  const { spec, options, tags } = context;
  const part = `cp-${number}`;
  const name = `${spec.name}-${part}`;
  const address = controlPlaneAddress(zone.layout, indexInZone);
  const instance = new Instance(part, {
    ami: ground.image,
    instanceType: spec.controlPlane.machineType,
    subnetId: zone.nodeSubnetId,
    privateIp: address,
    associatePublicIpAddress: false,
    vpcSecurityGroupIds: [ground.security.group('nodes'), ground.security.group('control-plane')],
    iamInstanceProfile: ground.identity.controlPlaneProfile,
    metadataOptions,
    monitoring: spec.compliance.detailedMonitoring,
    rootBlockDevice: { volumeType: 'gp3', volumeSize: rootDiskGiB, encrypted: true, kmsKeyId: ground.storage.key.arn, deleteOnTermination: true, tags: tags(`${part}-root`) },
    userDataBase64: userData(ground.templates, controlPlaneFacts(context, number, ground.archive)),
    tags: tags(part, { ...ownershipTag(spec.name), Name: name, 'clusterwright:template': ground.templates.revision }),
  }, { ...options, dependsOn: [...ground.before], ignoreChanges: keptAsMade });

  // No ownership tag: the storage driver must not be able to touch it.
  const etcd = new Volume(`${part}-etcd`, {
    availabilityZone: zone.zone.name,
    type: 'gp3',
    size: spec.controlPlane.etcdDiskGiB,
    encrypted: true,
    kmsKeyId: ground.storage.key.arn,
    tags: tags(`${part}-etcd`),
  }, { ...options, ignoreChanges: ['size', 'type', 'iops', 'throughput'] });
  new VolumeAttachment(`${part}-etcd`, {
    deviceName: '/dev/sdf',
    instanceId: instance.id,
    volumeId: etcd.id,
    // Never pulled from under a running etcd.
    stopInstanceBeforeDetaching: true,
  }, options);

  for (const { part: entry, arn } of number === context.leaving ? [] : ground.entry.targetGroups) {
    new TargetGroupAttachment(`${entry}-${part}`, { targetGroupArn: arn, targetId: instance.id }, options);
  }
  return { name, id: instance.id, zone: zone.zone.name, address };
}
