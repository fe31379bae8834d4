import { cidr, subnet } from '../../model/cidr.js';

/** Subnets of a cluster's network. They span the region's zones. */
export interface Layout {
  /** Control planes and the API's load balancers. */
  readonly controlPlane: string;
  /** Workers and internal load balancers of services. */
  readonly workers: string;
  /** Private endpoints. */
  readonly endpoints: string;
}

/**
 * Divides a cluster's network: half is for workers, a sixteenth each for control planes and private endpoints; the rest stays free. A /16 gives a /17 and two
 * /20, a /20 gives a /21 and two /24.
 */
export function subnetLayout(network: string): Layout {
  const bits = cidr(network).bitmask;
  return { workers: subnet(network, bits + 1, 0), controlPlane: subnet(network, bits + 4, 8), endpoints: subnet(network, bits + 4, 9) };
}

/**
 * The fixed address of the `index`-th control plane, counted from 0. What else takes an address in the subnet is the API's load balancer: Azure gives the
 * lowest free one, from .4 on, and so never one of these. https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses
 */
export function controlPlaneAddress({ controlPlane }: Layout, index: number): string {
  return cidr(subnet(controlPlane, 32, 16 + index)).base;
}
