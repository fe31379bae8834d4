import { cidr, subnet } from '../../model/cidr.js';
import { podParts } from '../../model/vpc-cni.js';

/** Networks of one zone. */
export interface ZoneLayout {
  /** Private: nodes, internal load balancers, interface endpoints. */
  readonly node: string;
  /** Public: the NAT gateway and public load balancers, nothing else. */
  readonly public: string;
  /** Part of `node` whose addresses AWS gives to nobody by itself: the control planes' fixed ones. */
  readonly reserved: string;
  /** Part of `node` for the fixed address of the API's load balancer. */
  readonly loadBalancers: string;
  /** Parts of `node` for the addresses of pods, where they have such. */
  readonly pods: readonly string[];
}

/**
 * Divides a cluster's network: three quarters are the zones' node subnets; of the last quarter, three quarters are their public subnets, and
 * a sixteenth of the whole stays free. A /16 gives /18 for nodes and /20 in public, a /20 gives /22 and /24.
 */
export function subnetLayout(network: string, zones: number): ZoneLayout[] {
  const bits = cidr(network).bitmask;
  return Array.from({ length: zones }, (_, zone) => {
    const node = subnet(network, bits + 2, zone);
    return { node, public: subnet(network, bits + 4, 12 + zone), reserved: subnet(node, 28, 1), loadBalancers: subnet(node, bits + 4, 2), pods: podParts(node) };
  });
}

/** The fixed address of a zone's `index`-th control plane, counted from 0. */
export function controlPlaneAddress({ reserved }: ZoneLayout, index: number): string {
  return cidr(subnet(reserved, 32, index)).base;
}

/**
 * The fixed address of the API's load balancer in a zone. Clusters with the same network have different ones, because their slots differ (up
 * to the size of the part: 4096 in a /16, 256 in a /20), so that a worker's network can route to each.
 */
export function loadBalancerAddress({ loadBalancers }: ZoneLayout, slot: number): string {
  return cidr(subnet(loadBalancers, 32, slot % cidr(loadBalancers).size)).base;
}
