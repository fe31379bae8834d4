import { FlowLog } from '@pulumi/azure-native/network/flowLog.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import type { Storage } from './storage.js';

/**
 * Records the network's traffic for as long as the spec asks. Azure records all of it, with what was let through and what was not; there is no recording the
 * rest alone. The region's Network Watcher is the subscription's, and Azure makes it with the first network there.
 */
export function flowLogs({ spec, options, tags, physical }: Context, { network, endpoints }: Network, { flowLogs: account }: Storage): void {
  new FlowLog('flow-logs', {
    resourceGroupName: 'NetworkWatcherRG',
    networkWatcherName: `NetworkWatcher_${spec.region}`,
    flowLogName: physical('flow-logs'),
    location: spec.region,
    targetResourceId: network.id,
    storageId: account.id,
    enabled: true,
    format: { type: 'JSON', version: 2 },
    retentionPolicy: { enabled: true, days: spec.compliance.logRetentionDays },
    tags: tags('flow-logs'),
  }, { ...options, dependsOn: endpoints });
}
