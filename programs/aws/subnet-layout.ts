import { cidr, subnet } from '../../model/cidr.js';

/** Networks of one zone. */
export interface ZoneLayout {
  /** Private: nodes, internal load balancers, interface endpoints. */
  readonly node: string;
  /** Public: the NAT gateway and public load balancers, nothing else. */
  readonly public: string;
  /** Part of `node` whose addresses AWS gives to nobody by itself: the control planes' fixed ones. */
  readonly reserved: string;
}

/**
 * Divides a cluster's network: three quarters are the zones' node subnets; of the last quarter, three quarters are their public subnets, and
 * a sixteenth of the whole stays free. A /16 gives /18 for nodes and /20 in public, a /20 gives /22 and /24.
 */
export function subnetLayout(network: string, zones: number): ZoneLayout[] {
  const bits = cidr(network).bitmask;
  return Array.from({ length: zones }, (_, zone) => {
    const node = subnet(network, bits + 2, zone);
    return { node, public: subnet(network, bits + 4, 12 + zone), reserved: subnet(node, 28, 1) };
  });
}

/** The fixed address of a zone's `index`-th control plane, counted from 0. */
export function controlPlaneAddress({ reserved }: ZoneLayout, index: number): string {
  return cidr(subnet(reserved, 32, index)).base;
}
