import { PrivateDnsZoneGroup } from '@pulumi/azure-native/network/privateDnsZoneGroup.js';
import { PrivateEndpoint } from '@pulumi/azure-native/network/privateEndpoint.js';
import { PrivateZone } from '@pulumi/azure-native/privatedns/privateZone.js';
import { VirtualNetworkLink } from '@pulumi/azure-native/privatedns/virtualNetworkLink.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Context } from './context.js';
import type { Network } from './network.js';
import type { Vaults } from './vaults.js';

/** The name that vaults with private endpoints are found by. https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
const vaultZone = 'privatelink.vaultcore.azure.net';

/**
 * Private endpoints for the vaults that only nodes and pods read. Storage is reached through service endpoints, which the subnets have: claims and backups never leave
 * Azure's network.
 */
export function endpoints(context: Context, { network, endpoints: subnet }: Network, vaults: Vaults): pulumi.Resource[] {
  const { spec, options, place, tags, physical } = context;
  const sets = spec.platform.secrets === 'none' ? ['control-plane', 'join'] as const : ['control-plane', 'join', 'applications'] as const;
  const { resourceGroupName } = place;
  const zone = new PrivateZone('zone-vault', { resourceGroupName, privateZoneName: vaultZone, location: 'Global', tags: tags('zone-vault') }, options);
  const link = new VirtualNetworkLink('zone-vault', {
    resourceGroupName,
    privateZoneName: zone.name,
    virtualNetworkLinkName: physical('zone-vault'),
    location: 'Global',
    virtualNetwork: { id: network.id },
    registrationEnabled: false,
    tags: tags('zone-vault'),
  }, options);
  return [link, ...sets.map((set) => {
    const part = `endpoint-vault-${set}`;
    const endpoint = new PrivateEndpoint(part, {
      ...place,
      privateEndpointName: physical(part),
      customNetworkInterfaceName: physical(part),
      subnet: { id: subnet.id },
      privateLinkServiceConnections: [{ name: set, privateLinkServiceId: vaults[set].id, groupIds: ['vault'] }],
      tags: tags(part),
    }, options);
    return new PrivateDnsZoneGroup(part, {
      resourceGroupName, privateEndpointName: endpoint.name, privateDnsZoneGroupName: 'default', privateDnsZoneConfigs: [{ name: 'vault', privateDnsZoneId: zone.id }],
    }, options);
  })];
}
