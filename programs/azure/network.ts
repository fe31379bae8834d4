import { NatGateway } from '@pulumi/azure-native/network/natGateway.js';
import { PublicIPAddress } from '@pulumi/azure-native/network/publicIPAddress.js';
import { Subnet } from '@pulumi/azure-native/network/subnet.js';
import { VirtualNetwork } from '@pulumi/azure-native/network/virtualNetwork.js';
import type { Context } from './context.js';
import type { Security } from './security.js';
import { subnetLayout, type Layout } from './subnet-layout.js';

/** The cluster's network. */
export interface Network {
  readonly network: VirtualNetwork;
  readonly layout: Layout;
  readonly controlPlane: Subnet;
  readonly workers: Subnet;
  readonly endpoints: Subnet;
}

/** Services whose firewalls know the nodes by their subnet: calls to them stay in Azure's network and do not pass the NAT gateway. */
const serviceEndpoints = ['Microsoft.KeyVault', 'Microsoft.Storage'].map((service) => ({ service }));

/** A network with a subnet for control planes, one for workers and one for private endpoints, none with a way out but NAT. */
export function network(context: Context, { group, rules }: Security): Network {
  const { spec, options, place, tags, physical } = context;
  const made = new VirtualNetwork('network', {
    ...place, virtualNetworkName: physical('network'), addressSpace: { addressPrefixes: [spec.network.cidr] }, tags: tags('network'),
  }, options);
  const layout = subnetLayout(spec.network.cidr);
  const { forControlPlane, forWorkers } = natGateways(context);

  const subnet = (part: string, addressPrefix: string, security: Parameters<typeof group>[0], nat: NatGateway, more: object, after: Subnet[]): Subnet => new Subnet(`subnet-${part}`, {
    resourceGroupName: place.resourceGroupName,
    virtualNetworkName: made.name,
    subnetName: part,
    addressPrefix,
    networkSecurityGroup: { id: group(security) },
    natGateway: { id: nat.id },
    defaultOutboundAccess: false,
    ...more,
  }, { ...options, dependsOn: [...rules, ...after] });

  // One after the other: a network refuses a change while another is under way (AnotherOperationInProgress).
  const controlPlane = subnet('control-plane', layout.controlPlane, 'control-plane', forControlPlane, { serviceEndpoints }, []);
  const workers = subnet('workers', layout.workers, 'workers', forWorkers, { serviceEndpoints }, [controlPlane]);
  // Without this, private endpoints pass by the group's rules.
  const endpoints = subnet('endpoints', layout.endpoints, 'endpoints', forWorkers, { privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled' }, [workers]);
  return { network: made, layout, controlPlane, workers, endpoints };
}

/**
 * A subnet has one NAT gateway, and a gateway of the kind "Standard" stands in one zone, so "per-zone" is one for each role in a zone of its own: a zone that
 * fails takes the way out of one role at most. https://learn.microsoft.com/azure/nat-gateway/nat-availability-zones
 */
function natGateways({ spec, zones, options, place, tags, physical }: Context): { forControlPlane: NatGateway; forWorkers: NatGateway } {
  const gateway = (number: string): NatGateway => {
    const part = `nat-${number}`;
    const address = new PublicIPAddress(part, {
      ...place,
      publicIpAddressName: physical(part),
      sku: { name: 'Standard', tier: 'Regional' },
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      zones: zones.map((zone) => zone.number),
      tags: tags(part),
    }, options);
    return new NatGateway(part, {
      ...place, natGatewayName: physical(part), sku: { name: 'Standard' }, publicIpAddresses: [{ id: address.id }], zones: [number], idleTimeoutInMinutes: 4, tags: tags(part),
    }, options);
  };
  const forControlPlane = gateway('1');
  return { forControlPlane, forWorkers: spec.network.natGateways === 'single' ? forControlPlane : gateway('2') };
}
