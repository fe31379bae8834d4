import type { Inventory } from '../inventory/inventory.js';
import type { Item } from '../inventory/item.js';
import { groupId } from './ids.js';
import * as tokens from './types/tokens.js';

const region = 'westeurope';
const group = groupId('worker');

/** Where the worker is in its network. */
export const workerAddress = '10.1.0.10';

/** The network in which the service's worker runs: the other end of the peering that reaches private clusters. */
export function seedWorkerNetwork(inventory: Inventory): void {
  const now = inventory.clock.now();
  const common = { cluster: null, uid: null, resource: null, region, inputs: {}, createdAt: now, readyAt: now };
  const items: Item[] = [
    { ...common, type: tokens.resourceGroup, id: group, parent: null, outputs: { name: 'worker', location: region, type: 'Microsoft.Resources/resourceGroups', tags: {} } },
    {
      ...common,
      type: tokens.virtualNetwork,
      id: `${group}/providers/Microsoft.Network/virtualNetworks/worker`,
      parent: { type: tokens.resourceGroup, id: group },
      outputs: { name: 'worker', location: region, type: 'Microsoft.Network/virtualNetworks', addressSpace: { addressPrefixes: ['10.1.0.0/16'] }, subnets: [], virtualNetworkPeerings: [], provisioningState: 'Succeeded', tags: {} },
    },
  ];
  for (const item of items) if (inventory.get(item.type, item.id) === undefined) inventory.create(item);
}
