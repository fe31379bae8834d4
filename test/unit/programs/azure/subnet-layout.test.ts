import { describe, expect, it } from 'vitest';
import { cidr, overlaps } from '../../../../model/cidr.js';
import { controlPlaneAddress, subnetLayout } from '../../../../programs/azure/subnet-layout.js';

describe('azure subnet layout', () => {
  it('gives a /16 half for workers and two small subnets', () => {
    expect(subnetLayout('10.20.0.0/16')).toEqual({ workers: '10.20.0.0/17', controlPlane: '10.20.128.0/20', endpoints: '10.20.144.0/20' });
  });

  it.each(['10.20.0.0/16', '172.16.32.0/19', '192.168.16.0/20'])('keeps subnets of %s inside the network and apart', (network) => {
    const { workers, controlPlane, endpoints } = subnetLayout(network);
    const subnets = [workers, controlPlane, endpoints];
    for (const [index, subnet] of subnets.entries()) {
      expect(cidr(network).contains(subnet)).toBe(true);
      expect(cidr(subnet).bitmask).toBeLessThanOrEqual(24);
      expect(subnets.slice(index + 1).filter((other) => overlaps(subnet, other))).toEqual([]);
    }
  });

  it.each(['10.20.0.0/16', '192.168.16.0/20'])('gives the control planes of %s addresses that Azure gives to nobody before', (network) => {
    const layout = subnetLayout(network);
    const addresses = Array.from({ length: 5 }, (_, index) => controlPlaneAddress(layout, index));
    expect(new Set(addresses).size).toBe(5);
    // Azure keeps the first four for itself; the API's load balancer takes the next.
    for (const address of addresses) {
      expect(cidr(layout.controlPlane).contains(address)).toBe(true);
      expect(Number(address.split('.').at(-1))).toBeGreaterThan(8);
    }
  });
});
