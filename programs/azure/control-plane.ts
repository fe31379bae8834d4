import { Disk } from '@pulumi/azure-native/compute/disk.js';
import { VirtualMachine } from '@pulumi/azure-native/compute/virtualMachine.js';
import { NetworkInterface } from '@pulumi/azure-native/network/networkInterface.js';
import type * as pulumi from '@pulumi/pulumi';
import { rootDiskGiB } from '../../model/clouds/index.js';
import { controlPlaneFacts } from '../nodes/facts.js';
import type { NodeTemplates } from '../nodes/templates.js';
import { userData } from '../nodes/user-data.js';
import type { Context, Zone } from './context.js';
import type { Identity } from './identity.js';
import { image } from './image.js';
import type { DiskEncryption } from './key.js';
import type { ApiEntry } from './load-balancer.js';
import { acceleratedNetworking, diagnosticsProfile, osDisk, osProfile, securityProfile } from './machines.js';
import type { Network } from './network.js';
import { controlPlaneAddress } from './subnet-layout.js';

/** A machine of the control plane. */
export interface ControlPlaneMachine {
  /** Name of machine and node: `NAME-cp-1` and so on. */
  readonly name: string;
  readonly id: pulumi.Output<string>;
  readonly zone: string;
  readonly address: string;
}

/** What the machines stand on. */
export interface ControlPlaneGround {
  readonly network: Network;
  readonly identity: Identity;
  readonly encryption: DiskEncryption;
  readonly entry: ApiEntry;
  readonly templates: NodeTemplates;
  /** What must exist before a machine boots. */
  readonly before: readonly pulumi.Resource[];
}

/**
 * Control-plane machines are pets: image, user data, size and disks are taken at creation and change only through the rolling operation, machine by
 * machine. https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 */
const keptAsMade = ['hardwareProfile', 'osProfile', 'storageProfile', 'tags["clusterwright:template"]'];

/**
 * The control-plane machines one by one over the zones, each with a fixed address and an etcd disk of its own; while an upgrade replaces them, one more with the next number.
 */
export function controlPlane(context: Context, ground: ControlPlaneGround): ControlPlaneMachine[] {
  const { spec, zones, rollout } = context;
  return Array.from({ length: spec.controlPlane.replicas + (rollout?.surge === true ? 1 : 0) }, (_, index) => index).flatMap((index) => {
    const zone = zones[index % zones.length];
    return zone ? [machine(context, ground, zone, index)] : [];
  });
}

function machine(context: Context, ground: ControlPlaneGround, zone: Zone, index: number): ControlPlaneMachine {
  const { spec, options, place, tags, physical } = context;
  const part = `cp-${index + 1}`;
  // The kubelet's name must be the machine's, or the cloud controller does not find it. https://cloud-provider-azure.sigs.k8s.io/
  const name = `${spec.name}-${part}`;
  const address = controlPlaneAddress(ground.network.layout, index);
  const card = new NetworkInterface(part, {
    ...place,
    networkInterfaceName: physical(part),
    enableAcceleratedNetworking: acceleratedNetworking(spec.controlPlane.machineType),
    ipConfigurations: [{
      name: 'primary',
      primary: true,
      subnet: { id: ground.network.controlPlane.id },
      privateIPAllocationMethod: 'Static',
      privateIPAddress: address,
      loadBalancerBackendAddressPools: index + 1 === context.leaving ? [] : ground.entry.pools.map((id) => ({ id })),
    }],
    tags: tags(part),
  }, options);
  const etcd = new Disk(`${part}-etcd`, {
    ...place,
    diskName: physical(`${part}-etcd`),
    sku: { name: 'Premium_LRS' },
    zones: [zone.number],
    diskSizeGB: spec.controlPlane.etcdDiskGiB,
    creationData: { createOption: 'Empty' },
    encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: ground.encryption },
    networkAccessPolicy: 'DenyAll',
    publicNetworkAccess: 'Disabled',
    tags: tags(`${part}-etcd`),
  }, { ...options, ignoreChanges: ['diskSizeGB', 'sku'] });
  const made = new VirtualMachine(part, {
    ...place,
    vmName: name,
    zones: [zone.number],
    hardwareProfile: { vmSize: spec.controlPlane.machineType },
    identity: { type: 'UserAssigned', userAssignedIdentities: [ground.identity.controlPlane] },
    securityProfile,
    osProfile: { computerName: name, ...osProfile(userData(ground.templates, controlPlaneFacts(context, index + 1))) },
    storageProfile: {
      imageReference: image,
      osDisk: { name: physical(`${part}-root`), ...osDisk(rootDiskGiB, ground.encryption) },
      // No cache between etcd and its disk, and the disk outlives the machine.
      dataDisks: [{ lun: 0, createOption: 'Attach', managedDisk: { id: etcd.id }, caching: 'None', deleteOption: 'Detach' }],
    },
    networkProfile: { networkInterfaces: [{ id: card.id, primary: true, deleteOption: 'Delete' }] },
    diagnosticsProfile,
    tags: tags(part, { 'clusterwright:template': ground.templates.revision }),
  }, { ...options, dependsOn: [...ground.before], ignoreChanges: keptAsMade });
  return { name, id: made.id, zone: zone.name, address };
}
