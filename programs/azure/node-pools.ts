import { VirtualMachineScaleSet } from '@pulumi/azure-native/compute/virtualMachineScaleSet.js';
import type * as pulumi from '@pulumi/pulumi';
import type { NodePool } from '../../model/spec.js';
import { workerFacts } from '../nodes/facts.js';
import type { NodeTemplates } from '../nodes/templates.js';
import { userData } from '../nodes/user-data.js';
import type { Context } from './context.js';
import type { Identity } from './identity.js';
import { image } from './image.js';
import type { DiskEncryption } from './key.js';
import { acceleratedNetworking, diagnosticsProfile, osDisk, osProfile, securityProfile } from './machines.js';
import type { Network } from './network.js';

/** What the pools stand on. */
export interface NodePoolGround {
  readonly network: Network;
  readonly identity: Identity;
  readonly encryption: DiskEncryption;
  readonly templates: NodeTemplates;
  /** What must exist before a machine boots. */
  readonly before: readonly pulumi.Resource[];
}

/** A scale set over all zones per pool. Gives the scale sets' names by pool. */
export function nodePools(context: Context, ground: NodePoolGround): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(context.spec.nodePools.map((pool) => {
    const made = scaleSet(context, ground, pool);
    ground.identity.grantPool(pool.name, made);
    return [pool.name, made.name];
  }));
}

/**
 * The count is given at creation and belongs to the autoscaler from then on; the bounds follow the spec, and the worker takes the count along where they leave it outside. A changed pool (machine type, disk, labels, taints) is a
 * changed model, and so are new node templates: machines launched from then on are new, none that runs is touched.
 */
function scaleSet(context: Context, ground: NodePoolGround, pool: NodePool): VirtualMachineScaleSet {
  const { spec, zones, options, place, tags, physical } = context;
  const part = `pool-${pool.name}`;
  return new VirtualMachineScaleSet(part, {
    ...place,
    vmScaleSetName: physical(part),
    sku: { name: pool.machineType, tier: 'Standard', capacity: pool.minNodes },
    zones: zones.map((zone) => zone.number),
    // Every zone may be out of a size; the pool then grows in the others.
    zoneBalance: false,
    orchestrationMode: 'Uniform',
    upgradePolicy: { mode: 'Manual' },
    // It would start more machines than asked for, and end those that come last while they join.
    overprovision: false,
    singlePlacementGroup: false,
    platformFaultDomainCount: 1,
    identity: { type: 'UserAssigned', userAssignedIdentities: [ground.identity.worker] },
    virtualMachineProfile: {
      osProfile: { computerNamePrefix: `${spec.name}-${pool.name}-`, ...osProfile(userData(ground.templates, workerFacts(context, pool))) },
      securityProfile,
      storageProfile: { imageReference: image, osDisk: osDisk(pool.diskGiB, ground.encryption) },
      networkProfile: {
        networkInterfaceConfigurations: [{
          name: 'primary',
          primary: true,
          enableAcceleratedNetworking: acceleratedNetworking(pool.machineType),
          deleteOption: 'Delete',
          ipConfigurations: [{ name: 'primary', primary: true, subnet: { id: ground.network.workers.id } }],
        }],
      },
      diagnosticsProfile,
    },
    tags: { ...tags(part, { 'clusterwright:template': ground.templates.revision }), ...autoscalerTags(spec.name, pool) },
  }, { ...options, dependsOn: [...ground.before], ignoreChanges: ['sku.capacity'] });
}

/**
 * What the autoscaler finds the scale set and its bounds by, and learns of nodes that do not exist yet. A tag's name takes no slash: `_` stands for it, and `~2` for
 * an underscore. https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/azure
 */
export function autoscalerTags(cluster: string, pool: NodePool): Record<string, string> {
  const template = 'k8s.io_cluster-autoscaler_node-template';
  const tagName = (key: string): string => key.replace(/_/g, '~2').replace(/\//g, '_');
  return {
    'cluster-autoscaler-enabled': 'true',
    'cluster-autoscaler-name': cluster,
    min: String(pool.minNodes),
    max: String(pool.maxNodes),
    ...Object.fromEntries(Object.entries(pool.labels).map(([key, value]) => [`${template}_label_${tagName(key)}`, value])),
    ...Object.fromEntries(pool.taints.map(({ key, value, effect }) => [`${template}_taint_${tagName(key)}`, `${value}:${effect}`])),
  };
}
