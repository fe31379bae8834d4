import { createHash } from 'node:crypto';
import { Group } from '@pulumi/aws/autoscaling/group.js';
import { LaunchTemplate } from '@pulumi/aws/ec2/launchTemplate.js';
import type * as pulumi from '@pulumi/pulumi';
import type { KubernetesVersion, NodePool } from '../../model/spec.js';
import { workerFacts } from '../nodes/facts.js';
import type { NodeTemplates } from '../nodes/templates.js';
import { userData } from '../nodes/user-data.js';
import { ownershipTag, type Context } from './context.js';
import type { Identity } from './identity.js';
import { metadataOptions, rootDevice } from './machines.js';
import type { Network } from './network.js';
import type { Security } from './security.js';
import type { Storage } from './storage.js';

/** What the pools stand on. */
export interface NodePoolGround {
  readonly network: Network;
  readonly security: Security;
  readonly identity: Identity;
  readonly storage: Storage;
  readonly image: pulumi.Output<string>;
  readonly templates: NodeTemplates;
  /** What must exist before a machine boots. */
  readonly before: readonly pulumi.Resource[];
}

/** A launch template and an auto-scaling group over all zones per pool. Gives the groups' names by pool. */
export function nodePools(context: Context, ground: NodePoolGround): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(context.spec.nodePools.map((pool) => [pool.name, poolGroup(context, ground, pool, launchTemplate(context, ground, pool)).name]));
}

/**
 * The launch template keeps the image and user data it was made with, so neither a new image nor a new node template changes what a pool launches.
 * When the pool itself is changed (machine type, disk, labels, taints), it is a new launch template, with its name after what is in it: machines
 * launched from then on are new, none that runs is touched. Where the pools are renewed, it becomes what it would be if it were made now, in a version of its own.
 */
function launchTemplate(context: Context, ground: NodePoolGround, pool: NodePool): LaunchTemplate {
  const { spec, rollout, renewsPools, options, tags, physical } = context;
  const part = `pool-${pool.name}`;
  const name = `${part}-${poolShape(rollout?.pools ?? spec.kubernetesVersion, pool)}`;
  const machineTags = tags(part);
  return new LaunchTemplate(name, {
    name: physical(name),
    updateDefaultVersion: true,
    imageId: ground.image,
    instanceType: pool.machineType,
    userData: userData(ground.templates, workerFacts(context, pool)),
    iamInstanceProfile: { name: ground.identity.workerProfile },
    metadataOptions,
    monitoring: { enabled: spec.compliance.detailedMonitoring },
    blockDeviceMappings: [{
      deviceName: rootDevice,
      ebs: { volumeType: 'gp3', volumeSize: pool.diskGiB, encrypted: 'true', kmsKeyId: ground.storage.key.arn, deleteOnTermination: 'true' },
    }],
    networkInterfaces: [{ deviceIndex: 0, associatePublicIpAddress: 'false', deleteOnTermination: 'true', securityGroups: [ground.security.group('nodes'), ground.security.group('workers')] }],
    // The group's tags reach the machines, but not their disks and interfaces.
    tagSpecifications: ['volume', 'network-interface'].map((resourceType) => ({ resourceType, tags: machineTags })),
    tags: tags(name, { 'clusterwright:template': ground.templates.revision }),
  }, { ...options, ignoreChanges: renewsPools === true ? [] : ['imageId', 'userData', 'tags["clusterwright:template"]'] });
}

/** Six characters for what the machines of a pool are made of; its bounds are not among it. */
export function poolShape(kubernetesVersion: KubernetesVersion, { machineType, diskGiB, labels, taints }: NodePool): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify([kubernetesVersion, machineType, diskGiB, sorted, taints])).digest('hex').slice(0, 6);
}

/**
 * The count belongs to the autoscaler and is never sent; the bounds follow the spec. A group begins with its smallest number, and one whose bounds leave the count outside takes it along:
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html. The provider's desired_capacity is optional and computed, so what is left out is not sent.
 */
function poolGroup(context: Context, ground: NodePoolGround, pool: NodePool, template: LaunchTemplate): Group {
  const part = `pool-${pool.name}`;
  return new Group(part, {
    name: context.physical(part),
    minSize: pool.minNodes,
    maxSize: pool.maxNodes,
    vpcZoneIdentifiers: ground.network.zones.map((zone) => zone.nodeSubnetId),
    launchTemplate: { id: template.id, version: '$Default' },
    // It would end machines without draining them, to even out the zones.
    suspendedProcesses: ['AZRebalance'],
    tags: groupTags(context, pool),
  }, { ...context.options, dependsOn: [...ground.before] });
}

/** Tags of the group: the machines' own, and what the autoscaler finds the group by and learns of nodes that do not exist yet. */
function groupTags({ spec, tags }: Context, pool: NodePool) {
  const part = `pool-${pool.name}`;
  const template = 'k8s.io/cluster-autoscaler/node-template';
  const machine = { ...tags(part), ...ownershipTag(spec.name), Name: `${spec.name}-${pool.name}` };
  const autoscaler: Record<string, string> = {
    'k8s.io/cluster-autoscaler/enabled': 'true',
    [`k8s.io/cluster-autoscaler/${spec.name}`]: 'owned',
    ...Object.fromEntries(Object.entries(pool.labels).map(([key, value]) => [`${template}/label/${key}`, value])),
    ...Object.fromEntries(pool.taints.map(({ key, value, effect }) => [`${template}/taint/${key}`, `${value}:${effect}`])),
  };
  const list = (of: Record<string, string>, propagateAtLaunch: boolean) => Object.entries(of).map(([key, value]) => ({ key, value, propagateAtLaunch }));
  return [...list(machine, true), ...list(autoscaler, false)];
}
