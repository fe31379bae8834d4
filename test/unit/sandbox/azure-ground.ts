import * as types from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openAzure, type AzureInMemory } from './azure-in-memory.js';

/** What all resources of the tests are in. */
export const place = { resourceGroupName: 'demo-group', location: 'westeurope' } as const;
/** Place of what has no location of its own. */
export const inside = { resourceGroupName: place.resourceGroupName } as const;
export const tags = { 'clusterwright:cluster': 'demo', 'clusterwright:uid': 'abc123def456', 'clusterwright:resource': 'group' } as const;
export const group = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/demo-group';
export const workerNetwork = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/worker/providers/Microsoft.Network/virtualNetworks/worker';

/** An emulated Azure with a resource group, a network and a subnet. */
export async function openGround(options: { latency?: number } = {}): Promise<AzureInMemory & { readonly networkId: string; readonly subnetId: string }> {
  const azure = await openAzure(options);
  await azure.create(types.resourceGroup, { ...place, tags });
  const { id: networkId } = await azure.create(types.virtualNetwork, { ...place, virtualNetworkName: 'network', addressSpace: { addressPrefixes: ['10.20.0.0/16'] } });
  const { id: subnetId } = await azure.create(types.subnet, subnet('nodes', '10.20.0.0/24'));
  return { ...azure, networkId, subnetId };
}

export function subnet(subnetName: string, addressPrefix: string, more: PropertyMap = {}): PropertyMap {
  return { ...inside, virtualNetworkName: 'network', subnetName, addressPrefix, ...more };
}

export function networkInterface(networkInterfaceName: string, subnetId: string, configuration: PropertyMap = {}): PropertyMap {
  return { ...place, networkInterfaceName, ipConfigurations: [{ name: 'primary', primary: true, subnet: { id: subnetId }, ...configuration }] };
}

const linux = { adminUsername: 'clusterwright', customData: Buffer.from('#cloud-config').toString('base64'), linuxConfiguration: { disablePasswordAuthentication: true, ssh: { publicKeys: [{ path: '/home/clusterwright/.ssh/authorized_keys', keyData: 'ssh-ed25519 AAAA' }] } } };
const image = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' };

export function machine(vmName: string, interfaceId: string, more: PropertyMap = {}, storage: PropertyMap = {}): PropertyMap {
  return {
    ...place,
    vmName,
    zones: ['1'],
    hardwareProfile: { vmSize: 'Standard_D4s_v5' },
    osProfile: { computerName: vmName, ...linux },
    storageProfile: { imageReference: image, osDisk: { name: `${vmName}-os`, createOption: 'FromImage', deleteOption: 'Delete', managedDisk: { storageAccountType: 'Premium_LRS' } }, ...storage },
    networkProfile: { networkInterfaces: [{ id: interfaceId, primary: true, deleteOption: 'Delete' }] },
    ...more,
  };
}

export function scaleSet(vmScaleSetName: string, subnetId: string, capacity: number | undefined, more: PropertyMap = {}): PropertyMap {
  return {
    ...place,
    vmScaleSetName,
    zones: ['1', '2', '3'],
    sku: { name: 'Standard_D4s_v5', tier: 'Standard', ...(capacity === undefined ? {} : { capacity }) },
    orchestrationMode: 'Uniform',
    overprovision: false,
    upgradePolicy: { mode: 'Manual' },
    virtualMachineProfile: {
      osProfile: { computerNamePrefix: 'demo-general-', ...linux },
      storageProfile: { imageReference: image, osDisk: { createOption: 'FromImage', managedDisk: { storageAccountType: 'Premium_LRS' } } },
      networkProfile: { networkInterfaceConfigurations: [{ name: 'primary', primary: true, ipConfigurations: [{ name: 'primary', subnet: { id: subnetId } }] }] },
    },
    tags: { ...tags, 'clusterwright:resource': 'pool-general' },
    ...more,
  };
}
