import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import { oneOf, range } from '../../provider/checks.js';
import { text } from '../../provider/properties.js';
import { arm, networkName } from '../arm.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { refers, sameId, usersOf } from './references.js';
import * as tokens from './tokens.js';

/** Azure makes both by itself with the first network of a region. https://learn.microsoft.com/azure/network-watcher/network-watcher-create */
const watchersGroup = 'NetworkWatcherRG';

/** Makes the network watcher of a region, and the group of all watchers, unless they are there. Nobody's: they outlive the network. */
export function ensureNetworkWatcher(cloud: Cloud, region: string): void {
  const group = groupId(watchersGroup);
  const name = `NetworkWatcher_${region}`;
  const now = cloud.clock.now();
  const common = { cluster: null, uid: null, resource: null, region, inputs: {}, createdAt: now, readyAt: now };
  if (lookUp(cloud, tokens.resourceGroup, group) === undefined) {
    cloud.inventory.create({ ...common, type: tokens.resourceGroup, id: group, parent: null, outputs: { name: watchersGroup, location: region, type: 'Microsoft.Resources/resourceGroups' } });
  }
  const id = `${group}/providers/Microsoft.Network/networkWatchers/${name}`;
  if (lookUp(cloud, tokens.networkWatcher, id) !== undefined) return;
  cloud.inventory.create({ ...common, type: tokens.networkWatcher, id, parent: { type: tokens.resourceGroup, id: group }, outputs: { name, location: region, type: 'Microsoft.Network/networkWatchers', provisioningState: 'Succeeded' } });
}

/** With what it watches goes a flow log, though it lies elsewhere. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview */
export function deleteFlowLogsOf(target: Item, cloud: Cloud): void {
  for (const log of usersOf(target.id, cloud, tokens.flowLog, 'targetResourceId')) cloud.inventory.delete(log);
}

export const networkWatcher: ResourceType = arm({
  token: tokens.networkWatcher,
  path: 'Microsoft.Network/networkWatchers/{networkWatcherName}',
  name: networkName,
  latency: { create: 2, update: 2, delete: 5 },
  admit({ cloud, inputs, existing }) {
    const location = text(inputs, 'location') ?? '';
    const twin = cloud.inventory.ofType(tokens.networkWatcher).find(({ id, outputs }) => id !== existing?.id && text(outputs, 'location') === location);
    if (twin !== undefined) throw new AzureError('NetworkWatcherCountLimitReached', `Cannot create more than 1 network watchers for this subscription in this region ${location}.`);
  },
});

export const flowLog: ResourceType = arm({
  token: tokens.flowLog,
  path: 'Microsoft.Network/networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}',
  inside: tokens.networkWatcher,
  name: networkName,
  latency: { create: 6, update: 5, delete: 11 },
  checks: [oneOf('format.type', ['JSON']), range('format.version', 1, 2), range('retentionPolicy.days', 0, 365)],
  references: [refers('storageId', tokens.storageAccount), refers('targetResourceId', tokens.virtualNetwork)],
  admit({ cloud, inputs, existing }, watcher) {
    const target = text(inputs, 'targetResourceId');
    const twin = cloud.inventory.ofType(tokens.flowLog).find(({ id, outputs }) => id !== existing?.id && sameId(text(outputs, 'targetResourceId'), target));
    if (twin !== undefined) {
      throw new AzureError('FlowLogAlreadyExists', `Cannot create flow log ${text(inputs, 'flowLogName') ?? ''}: flow log ${twin.id} exists for the resource ${target ?? ''}.`);
    }
    for (const [type, named] of [[tokens.storageAccount, 'storageId'], [tokens.virtualNetwork, 'targetResourceId']] as const) {
      const item = lookUp(cloud, type, text(inputs, named) ?? '');
      if (item !== undefined && item.region !== watcher.region) {
        throw new AzureError('FlowLogResourcesNotInSameRegion', `${item.id} must be in the region of the network watcher, ${watcher.region ?? ''}.`);
      }
    }
  },
  computed: () => ({ targetResourceGuid: randomUUID() }),
});
