import { VirtualNetworkPeering } from '@pulumi/azure-native/network/virtualNetworkPeering.js';
import { VirtualNetworkLink } from '@pulumi/azure-native/privatedns/virtualNetworkLink.js';
import type { Context } from './context.js';
import type { ApiEntry } from './load-balancer.js';
import type { Network } from './network.js';

const traffic = { allowVirtualNetworkAccess: true, allowForwardedTraffic: false, allowGatewayTransit: false, useRemoteGateways: false };

/**
 * The worker's way to a private cluster: its network and the cluster's are peered, which takes a half on each side, and it sees the cluster's zone. What it
 * may reach is one security rule of the control planes. Both networks belong to one subscription, and their addresses do not overlap, nor do those of two
 * clusters that are peered with one worker: Azure refuses that.
 */
export function reach({ account, options, place, tags, physical }: Context, { network, endpoints }: Network, { zone }: ApiEntry): void {
  const way = account.reach;
  switch (way.type) {
    case 'public':
    case 'tunnel':
      return;
    case 'peering': {
      const { resourceGroupName } = place;
      const [theirGroup, theirNetwork] = groupAndName(way.networkId);
      const virtualNetworkPeeringName = physical('peering');
      const peering = new VirtualNetworkPeering('peering', {
        resourceGroupName, virtualNetworkName: network.name, virtualNetworkPeeringName, remoteVirtualNetwork: { id: way.networkId }, ...traffic,
        // The subnets first: a network refuses a change while another is under way.
      }, { ...options, dependsOn: endpoints });
      new VirtualNetworkPeering('peering-provisioner', {
        resourceGroupName: theirGroup, virtualNetworkName: theirNetwork, virtualNetworkPeeringName, remoteVirtualNetwork: { id: network.id }, ...traffic,
      }, { ...options, dependsOn: peering });
      new VirtualNetworkLink('zone-provisioner', {
        resourceGroupName,
        privateZoneName: zone.name,
        virtualNetworkLinkName: physical('zone-provisioner'),
        location: 'Global',
        virtualNetwork: { id: way.networkId },
        registrationEnabled: false,
        tags: tags('zone-provisioner'),
      }, options);
    }
  }
}

/** Resource group and name out of a network's id, whose form the accounts file is checked for. */
function groupAndName(networkId: string): [group: string, name: string] {
  const [, , , , group = '', , , , name = ''] = networkId.split('/');
  return [group, name];
}
