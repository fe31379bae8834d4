import { describe, expect, it } from 'vitest';
import { cidr, overlaps } from '../../../../model/cidr.js';
import { podRanges } from '../../../../model/vpc-cni.js';
import { controlPlaneAddress, loadBalancerAddress, subnetLayout } from '../../../../programs/aws/subnet-layout.js';

describe('aws subnet layout', () => {
  it('gives a /16 three quarters for nodes and three small public subnets', () => {
    expect(subnetLayout('10.20.0.0/16', 3)).toEqual([
      { node: '10.20.0.0/18', public: '10.20.192.0/20', reserved: '10.20.0.16/28', loadBalancers: '10.20.32.0/20', pods: ['10.20.16.0/20', '10.20.48.0/20'] },
      { node: '10.20.64.0/18', public: '10.20.208.0/20', reserved: '10.20.64.16/28', loadBalancers: '10.20.96.0/20', pods: ['10.20.80.0/20', '10.20.112.0/20'] },
      { node: '10.20.128.0/18', public: '10.20.224.0/20', reserved: '10.20.128.16/28', loadBalancers: '10.20.160.0/20', pods: ['10.20.144.0/20', '10.20.176.0/20'] },
    ]);
  });

  it.each(['10.20.0.0/16', '172.16.32.0/19', '192.168.16.0/20'])('keeps subnets of %s inside the network and apart', (network) => {
    const subnets = subnetLayout(network, 3).flatMap((zone) => [zone.node, zone.public]);
    for (const [index, subnet] of subnets.entries()) {
      expect(cidr(network).contains(subnet)).toBe(true);
      expect(cidr(subnet).bitmask).toBeLessThanOrEqual(28);
      expect(subnets.slice(index + 1).filter((other) => overlaps(subnet, other))).toEqual([]);
    }
  });

  it.each(['10.20.0.0/16', '192.168.16.0/20'])('gives the pods of %s half of each zone, apart from fixed addresses, as the rules about the spec and the policies say', (network) => {
    const zones = subnetLayout(network, 3);
    expect(zones.flatMap(({ pods }) => pods)).toEqual(podRanges(network));
    for (const { node, pods, reserved, loadBalancers } of zones) {
      expect(pods.reduce((sum, part) => sum + cidr(part).size, 0)).toBe(cidr(node).size / 2);
      expect(pods.filter((part) => !cidr(node).contains(part) || overlaps(part, reserved) || overlaps(part, loadBalancers))).toEqual([]);
    }
  });

  it('keeps the control planes\' addresses inside the reserved part', () => {
    const [zone] = subnetLayout('10.20.0.0/16', 3);
    expect(zone && [controlPlaneAddress(zone, 0), controlPlaneAddress(zone, 1)]).toEqual(['10.20.0.16', '10.20.0.17']);
  });

  it.each([['10.20.0.0/16', 4096], ['192.168.16.0/20', 256]])('gives clusters with the network %s different load balancer addresses, up to %i of them', (network, count) => {
    const [zone] = subnetLayout(network, 3);
    const addresses = zone ? Array.from({ length: count }, (_, slot) => loadBalancerAddress(zone, slot + 1)) : [];
    expect(new Set(addresses).size).toBe(count);
    expect(addresses.filter((address) => !cidr(zone?.node ?? '').contains(address) || cidr(zone?.reserved ?? '').contains(address))).toEqual([]);
  });
});
