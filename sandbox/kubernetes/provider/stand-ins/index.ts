import { cloudController } from './cloud-controller.js';
import { awsVpcCni, calico, cilium, flannel } from './pod-network.js';
import { snapshotClasses } from '../snapshot-kinds.js';
import type { StandIn } from './stand-in.js';

export type { Replaced, StandIn } from './stand-in.js';

/** The platform makes an object of this kind; nobody takes snapshots. */
const snapshotController: StandIn = { is: 'the kind of its classes alone', objects: () => [snapshotClasses] };

/** What stands in on real nodes for the charts without which a cluster cannot run pods, or the platform not say what it has to; all other charts can be left out. */
export const standIns: ReadonlyMap<string, StandIn> = new Map([
  ['cilium', cilium],
  ['tigera-operator', calico],
  ['flannel', flannel],
  ['aws-vpc-cni', awsVpcCni],
  ['aws-cloud-controller-manager', cloudController],
  ['cloud-provider-azure', cloudController],
  ['snapshot-controller', snapshotController],
]);
