import type { Controllers } from '../api-server/cluster-api.js';
import type { ControllerCloud } from './controller-cloud.js';
import { keepLoadBalancers } from './load-balancers.js';
import { keepStatefulSets } from './stateful-sets.js';
import { velero } from './velero/index.js';
import { keepVolumes } from './volumes.js';

/**
 * The controllers of a simulated cluster that make things in the cloud: the cloud controller's load balancers, the storage driver's disks, the
 * claims of StatefulSets, Velero's backups. They act at once whenever an object has changed, so nothing here waits; a cluster whose control plane is gone has none.
 */
export function cloudControllers(cloud: ControllerCloud): Controllers {
  let seen = -1;
  const keepBackups = velero(cloud);
  return (api) => {
    keepBackups(api);
    // A round may give the next one something to do (a claim, its disk), until one changes nothing.
    while (api.context.table.version !== seen) {
      seen = api.context.table.version;
      const context = { api, cloud };
      keepStatefulSets(context);
      keepVolumes(context);
      keepLoadBalancers(context);
    }
  };
}
