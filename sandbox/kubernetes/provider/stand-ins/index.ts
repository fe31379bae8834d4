import { cloudController } from './cloud-controller.js';
import { calico, cilium, flannel } from './pod-network.js';
import type { StandIn } from './stand-in.js';

export type { Replaced, StandIn } from './stand-in.js';

/** What stands in on real nodes for the charts without which a cluster cannot run pods; all other charts can be left out. */
export const standIns: ReadonlyMap<string, StandIn> = new Map([
  ['cilium', cilium],
  ['tigera-operator', calico],
  ['flannel', flannel],
  ['aws-cloud-controller-manager', cloudController],
  ['cloud-provider-azure', cloudController],
]);
