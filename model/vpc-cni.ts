import { cidr, subnet } from './cidr.js';
import type { Fault } from './errors.js';
import type { ValidParts } from './rule.js';

/** Zones that a cluster is spread over. */
const zones = 3;
/** Pods get their addresses in blocks of 16, which belong to a machine: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html */
const prefixBits = 28;
/** Most blocks that a machine holds: seven for the kubelet's 110 pods, and one ahead (`WARM_PREFIX_TARGET`). */
const prefixesPerMachine = 8;

/**
 * Families of the catalogue whose machines encrypt by themselves what they send each other within a network, with AES-256:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/data-protection.html#encryption-transit. The others are not let in: nothing else encrypts what pods of different nodes send.
 */
const encrypting: readonly string[] = ['m6i', 'm6a', 'm7i', 'm7i-flex', 'm7a', 'c6i', 'c6a', 'c7i', 'c7a', 'r6i', 'r6a', 'r7i', 'r7a'];

/**
 * The parts of a zone's node subnet that pods have addresses of: its second and its fourth quarter. The first is the machines', the third has the fixed addresses of the API's load balancer. They are kept
 * free of single addresses, which would leave no whole block between them.
 */
export function podParts(nodeSubnet: string): string[] {
  const bits = cidr(nodeSubnet).bitmask + 2;
  return [subnet(nodeSubnet, bits, 1), subnet(nodeSubnet, bits, 3)];
}

/** All ranges of pods' addresses in a cluster's network; the zones' node subnets are its first quarters. */
export function podRanges(network: string): string[] {
  return Array.from({ length: zones }, (_, zone) => podParts(subnet(network, cidr(network).bitmask + 2, zone))).flat();
}

/** What Amazon's own pod network asks of cloud, machines and network. */
export function vpcCniFits({ provider, platform, network, controlPlane, nodePools = [] }: ValidParts): Fault[] {
  if (platform?.cni !== 'aws-vpc-cni') return [];
  if (provider === 'azure') return [{ pointer: '/platform/cni', detail: '"aws-vpc-cni" gives pods addresses of a network of AWS: take "cilium", "calico" or "flannel" on Azure' }];
  const machines = [...(controlPlane ? [{ pointer: '/controlPlane/machineType', type: controlPlane.machineType }] : []), ...nodePools.map(({ machineType }, index) => ({ pointer: `/nodePools/${index}/machineType`, type: machineType }))];
  return [...machines.flatMap(({ pointer, type }) => machineFaults(pointer, type)), ...(network && controlPlane ? roomFaults(network.cidr, [controlPlane.replicas, ...nodePools.map(({ maxNodes }) => maxNodes)]) : [])];
}

function machineFaults(pointer: string, type: string): Fault[] {
  const [family = '', size = ''] = type.split('.');
  if (!encrypting.includes(family)) {
    return [{ pointer, detail: `"${type}" does not encrypt what it sends to other machines, and with "aws-vpc-cni" in /platform/cni nothing else does: take one of ${encrypting.join(', ')}` }];
  }
  // From `large` on a type has at least three interfaces with nine blocks each: 432 addresses. https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/vpc/vpc_ip_resource_limit.go
  if (size === 'medium') return [{ pointer, detail: `"${type}" has room for 96 pods with "aws-vpc-cni" in /platform/cni (two interfaces with three blocks of 16 addresses each), and a node is told to take 110: take "large" or more` }];
  return [];
}

/** `groups` are the most machines of each group, which is spread over the zones evenly. */
function roomFaults(network: string, groups: readonly number[]): Fault[] {
  const inZone = groups.reduce((sum, most) => sum + Math.ceil(most / zones), 0);
  const blocks = podParts(subnet(network, cidr(network).bitmask + 2, 0)).reduce((sum, part) => sum + 2 ** (prefixBits - cidr(part).bitmask), 0);
  if (inZone * prefixesPerMachine <= blocks) return [];
  return [{
    pointer: '/network/cidr',
    detail: `has room for the pods of ${Math.floor(blocks / prefixesPerMachine)} machines in each zone with "aws-vpc-cni" in /platform/cni (128 addresses each), and control planes and pools together may come to ${inZone} there: make it larger, or the pools smaller`,
  }];
}
