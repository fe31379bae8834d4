import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import type { Cidr } from '../../provider/cidr.js';
import { select, text } from '../../provider/properties.js';
import { rangesOfNetwork } from '../addresses.js';
import { arm, networkName } from '../arm.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { referred, refers, sameId } from './references.js';
import * as tokens from './tokens.js';

function overlap(ours: readonly Cidr[], theirs: readonly Cidr[]): Cidr | undefined {
  return ours.find((one) => theirs.some((other) => one.overlaps(other)));
}

function remoteOf(peering: Item): string | undefined {
  const [located] = select(peering.outputs, 'remoteVirtualNetwork.id');
  return typeof located?.value === 'string' ? located.value : undefined;
}

/** The peering in the other direction. */
function counterpart(cloud: Cloud, local: string, remote: string | undefined): Item | undefined {
  const far = remote === undefined ? undefined : lookUp(cloud, tokens.virtualNetwork, remote);
  return far === undefined ? undefined : cloud.inventory.childrenOf(far, tokens.virtualNetworkPeering).find((other) => sameId(remoteOf(other), local));
}

/** A network's new ranges may not overlap those of the networks that it is peered with. */
export function requireNoOverlapWithPeers(cloud: Cloud, network: Item, now: readonly Cidr[]): void {
  for (const peering of cloud.inventory.childrenOf(network, tokens.virtualNetworkPeering)) {
    const far = lookUp(cloud, tokens.virtualNetwork, remoteOf(peering) ?? '');
    if (far === undefined || overlap(now, rangesOfNetwork(far.outputs)) === undefined) continue;
    throw new AzureError('VnetAddressSpaceOverlapsWithAlreadyPeeredVnet', `Address space of the virtual network ${network.id} overlaps with the address space of already peered virtual network ${far.id}.`);
  }
}

/** The other ends of a deleted network's peerings stay, and say so. */
export function disconnectPeers(network: Item, cloud: Cloud): void {
  for (const other of cloud.inventory.ofType(tokens.virtualNetworkPeering)) if (sameId(remoteOf(other), network.id)) setState(cloud, other, 'Disconnected');
}

function setState(cloud: Cloud, peering: Item, peeringState: string): void {
  cloud.inventory.update({ ...peering, outputs: { ...peering.outputs, peeringState } });
}

function networkIdOf(peeringId: string): string {
  return peeringId.slice(0, peeringId.lastIndexOf('/virtualNetworkPeerings/'));
}

/** One direction of a peering; traffic flows when both are there. https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview */
export const virtualNetworkPeering: ResourceType = arm({
  token: tokens.virtualNetworkPeering,
  path: 'Microsoft.Network/virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}',
  inside: tokens.virtualNetwork,
  name: networkName,
  latency: { create: 11, update: 11, delete: 11 },
  defaults: { allowVirtualNetworkAccess: true, allowForwardedTraffic: false, allowGatewayTransit: false, useRemoteGateways: false },
  references: [refers('remoteVirtualNetwork.id', tokens.virtualNetwork)],
  admit: admitPeering,
  computed: ({ cloud, inputs }, id) => {
    const remote = referred({ cloud, inputs }, 'remoteVirtualNetwork.id', tokens.virtualNetwork);
    const connected = counterpart(cloud, networkIdOf(id), remote?.id) !== undefined;
    return {
      name: text(inputs, 'virtualNetworkPeeringName') ?? '',
      resourceGuid: randomUUID(),
      peeringState: connected ? 'Connected' : 'Initiated',
      peeringSyncLevel: connected ? 'FullyInSync' : 'RemoteNotInSync',
      remoteAddressSpace: { addressPrefixes: rangesOfNetwork(remote?.outputs ?? {}).map(({ text: form }) => form) },
    };
  },
  volatile: ['peeringState', 'peeringSyncLevel'],
  afterCreate(item, cloud) {
    const other = counterpart(cloud, networkIdOf(item.id), remoteOf(item));
    if (other !== undefined) setState(cloud, other, 'Connected');
  },
  afterDelete(item, cloud) {
    const other = counterpart(cloud, networkIdOf(item.id), remoteOf(item));
    if (other !== undefined) setState(cloud, other, 'Disconnected');
  },
});

function admitPeering(request: Request, local: Item): void {
  const { cloud, inputs, existing } = request;
  const remote = referred(request, 'remoteVirtualNetwork.id', tokens.virtualNetwork);
  if (remote === undefined) return;
  const name = text(inputs, 'virtualNetworkPeeringName') ?? '';
  if (local.id === remote.id) throw new AzureError('RemoteVnetSameAsParentVnet', `Cannot create or update peering ${name}. A virtual network cannot be peered with itself.`);
  if (existing !== undefined) return;
  const siblings = cloud.inventory.childrenOf(local, tokens.virtualNetworkPeering);
  const twin = siblings.find((other) => sameId(remoteOf(other), remote.id) && nameOf(other.id) !== name);
  if (twin !== undefined) {
    throw new AzureError('AnotherPeeringAlreadyReferencesRemoteVnet', `Peering ${name} cannot be created or updated because another peering ${twin.id} already references remote virtual network ${remote.id}.`);
  }
  const clash = overlap(rangesOfNetwork(local.outputs), rangesOfNetwork(remote.outputs));
  if (clash !== undefined) {
    throw new AzureError('VnetAddressSpacesOverlap', `Cannot create or update peering ${name}. Virtual networks ${local.id} and ${remote.id} cannot be peered because their address spaces overlap. Overlapping address prefixes: ${clash.text}`);
  }
  // A network routes by ranges alone: it cannot have two neighbours with the same ones.
  for (const [near, far] of [[local, remote], [remote, local]] as const) {
    const peered = cloud.inventory.childrenOf(near, tokens.virtualNetworkPeering).flatMap((other) => lookUp(cloud, tokens.virtualNetwork, remoteOf(other) ?? '') ?? []).find((other) => other.id !== far.id && overlap(rangesOfNetwork(far.outputs), rangesOfNetwork(other.outputs)) !== undefined);
    if (peered !== undefined) {
      throw new AzureError('VnetAddressSpaceOverlapsWithAlreadyPeeredVnet', `Cannot create or update peering ${name}. Address space of the virtual network ${far.id} overlaps with the address space of virtual network ${peered.id}, which is already peered with ${near.id}.`);
    }
  }
  const other = counterpart(cloud, local.id, remote.id);
  if (other !== undefined && text(other.outputs, 'peeringState') === 'Disconnected') {
    throw new AzureError('RemotePeeringIsDisconnected', `Cannot create or update peering ${name} because remote peering ${other.id} referencing parent virtual network ${local.id} is in Disconnected state. Update or re-create the remote peering to get it back to Initiated state.`);
  }
}
