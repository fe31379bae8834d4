import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import { cidr, length, oneOf, range, rule } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { number, select, text, texts } from '../../provider/properties.js';
import { rangesOf, rangesOfNetwork } from '../addresses.js';
import { arm, networkName } from '../arm.js';
import type { Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { deleteFlowLogsOf, ensureNetworkWatcher } from './flow-logs.js';
import { disconnectPeers, requireNoOverlapWithPeers } from './peering.js';
import { firstUser, refers, usersOf } from './references.js';
import * as tokens from './tokens.js';

export const virtualNetwork: ResourceType = arm({
  token: tokens.virtualNetwork,
  path: 'Microsoft.Network/virtualNetworks/{virtualNetworkName}',
  name: { ...networkName, most: 64 },
  latency: { create: 5, update: 4, delete: 11 },
  replaces: ['location'],
  defaults: { enableDdosProtection: false, enableVmProtection: false },
  checks: [
    cidr('addressSpace.addressPrefixes[]', 2, 29),
    rule(['addressSpace'], (inputs) => (inputs['addressSpace'] === undefined ? 'an address space is required' : undefined)),
    rule(['subnets', 'virtualNetworkPeerings'], (inputs) => (['subnets', 'virtualNetworkPeerings'].some((name) => inputs[name] !== undefined) ? 'the sandbox imitates subnets and peerings as resources of their own only' : undefined)),
  ],
  admit({ cloud, inputs, existing }) {
    if (existing === undefined) return;
    const ranges = rangesOfNetwork(inputs);
    const outside = cloud.inventory.childrenOf(existing, tokens.subnet).find((subnet) => !rangesOf(subnet).every((part) => ranges.some((whole) => whole.contains(part))));
    if (outside !== undefined) throw new AzureError('InUsePrefixCannotBeDeleted', `IpPrefix on subnet ${nameOf(outside.id)} is in use and cannot be deleted.`);
    requireNoOverlapWithPeers(cloud, existing, ranges);
  },
  computed: () => ({ resourceGuid: randomUUID(), subnets: [], virtualNetworkPeerings: [], flowLogs: [] }),
  blocker(item, cloud) {
    const [blocked] = cloud.inventory.childrenOf(item, tokens.subnet).flatMap((child) => subnetBlocker(child, cloud) ?? []);
    return blocked;
  },
  // The first network of a region brings the region's network watcher.
  afterCreate: (item, cloud) => ensureNetworkWatcher(cloud, item.region ?? ''),
  afterDelete(item, cloud) {
    disconnectPeers(item, cloud);
    deleteFlowLogsOf(item, cloud);
  },
});

/** https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview */
const serviceEndpoints = ['Microsoft.Storage', 'Microsoft.Storage.Global', 'Microsoft.Sql', 'Microsoft.AzureCosmosDB', 'Microsoft.KeyVault', 'Microsoft.ServiceBus', 'Microsoft.EventHub', 'Microsoft.Web', 'Microsoft.CognitiveServices', 'Microsoft.ContainerRegistry'];

export const subnet: ResourceType = arm({
  token: tokens.subnet,
  path: 'Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}',
  inside: tokens.virtualNetwork,
  name: networkName,
  latency: { create: 4, update: 4, delete: 11 },
  defaults: { privateEndpointNetworkPolicies: 'Disabled', privateLinkServiceNetworkPolicies: 'Enabled' },
  checks: [
    cidr('addressPrefix', 8, 29),
    cidr('addressPrefixes[]', 8, 29),
    rule(['addressPrefix', 'addressPrefixes'], (inputs) => ((inputs['addressPrefix'] === undefined) === (inputs['addressPrefixes'] === undefined) ? 'exactly one of addressPrefix, addressPrefixes must be specified' : undefined)),
    oneOf('serviceEndpoints[].service', serviceEndpoints),
    oneOf('privateEndpointNetworkPolicies', ['Enabled', 'Disabled', 'NetworkSecurityGroupEnabled', 'RouteTableEnabled']),
    oneOf('privateLinkServiceNetworkPolicies', ['Enabled', 'Disabled']),
  ],
  references: [refers('networkSecurityGroup.id', tokens.networkSecurityGroup), refers('natGateway.id', tokens.natGateway)],
  admit: admitSubnet,
  blocker: subnetBlocker,
});

function admitSubnet({ inputs, cloud, existing }: Request, network: Item): void {
  const name = text(inputs, 'subnetName') ?? '';
  const ranges = [text(inputs, 'addressPrefix') ?? [], texts(inputs, 'addressPrefixes')].flat().flatMap((given) => Cidr.parse(given) ?? []);
  if (!ranges.every((part) => rangesOfNetwork(network.outputs).some((whole) => whole.contains(part)))) {
    throw new AzureError('NetcfgInvalidSubnet', `Subnet '${name}' is not valid in virtual network '${nameOf(network.id)}'.`);
  }
  const sibling = cloud.inventory.childrenOf(network, tokens.subnet).find((other) => other.id !== existing?.id && rangesOf(other).some((theirs) => ranges.some((ours) => ours.overlaps(theirs))));
  if (sibling !== undefined) {
    throw new AzureError('NetcfgSubnetRangesOverlap', `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${nameOf(network.id)}'.`);
  }
  if (existing === undefined) return;
  const changed = rangesOf(existing).some((before) => !ranges.some((now) => now.contains(before)));
  if (changed && userOfSubnet(existing, cloud) !== undefined) {
    throw new AzureError('InUsePrefixCannotBeDeleted', `IpPrefix ${rangesOf(existing).map(({ text: form }) => form).join(', ')} on Subnet ${name} has active allocations and cannot be deleted.`);
  }
}

function userOfSubnet(item: Item, cloud: Cloud): Item | undefined {
  return firstUser(item, cloud, [
    [tokens.networkInterface, 'ipConfigurations[].subnet.id'],
    [tokens.loadBalancer, 'frontendIPConfigurations[].subnet.id'],
    [tokens.privateEndpoint, 'subnet.id'],
    [tokens.virtualMachineScaleSet, 'virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].ipConfigurations[].subnet.id'],
  ]);
}

function subnetBlocker(item: Item, cloud: Cloud): AzureError | undefined {
  const user = userOfSubnet(item, cloud);
  return user === undefined
    ? undefined
    : new AzureError('InUseSubnetCannotBeDeleted', `Subnet ${nameOf(item.id)} is in use by ${user.id} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`);
}

export const publicIpAddress: ResourceType = arm({
  token: tokens.publicIpAddress,
  path: 'Microsoft.Network/publicIPAddresses/{publicIpAddressName}',
  name: networkName,
  latency: { create: 3, update: 2, delete: 11 },
  replaces: ['location', 'publicIPAddressVersion', 'publicIPPrefix', 'sku'],
  defaults: { idleTimeoutInMinutes: 4, publicIPAddressVersion: 'IPv4', publicIPAllocationMethod: 'Dynamic', ipTags: [] },
  checks: [
    oneOf('sku.name', ['Basic', 'Standard', 'StandardV2']),
    oneOf('sku.tier', ['Regional', 'Global']),
    oneOf('publicIPAllocationMethod', ['Static', 'Dynamic']),
    oneOf('publicIPAddressVersion', ['IPv4', 'IPv6']),
    oneOf('zones[]', ['1', '2', '3']),
    range('idleTimeoutInMinutes', 4, 30),
    rule(['publicIPAllocationMethod', 'sku'], (inputs) => {
      const standard = select(inputs, 'sku.name').some(({ value }) => value !== 'Basic');
      return standard && inputs['publicIPAllocationMethod'] === 'Dynamic' ? 'a public IP address of the Standard SKU must be Static' : undefined;
    }),
  ],
  // A loopback address stands in for the public one that Azure would give: things can listen there.
  computed: ({ cloud }, id) => ({ ipAddress: cloud.addresses.take(id), resourceGuid: randomUUID() }),
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.natGateway, 'publicIpAddresses[].id'],
      [tokens.loadBalancer, 'frontendIPConfigurations[].publicIPAddress.id'],
      [tokens.networkInterface, 'ipConfigurations[].publicIPAddress.id'],
    ]);
    return user === undefined
      ? undefined
      : new AzureError('PublicIPAddressCannotBeDeleted', `Public IP address ${item.id} can not be deleted since it is still allocated to resource ${user.id}. In order to delete the public IP, disassociate/detach the Public IP address from the resource.`);
  },
  afterDelete: (item, cloud) => cloud.addresses.release(item.id),
});

export const natGateway: ResourceType = arm({
  token: tokens.natGateway,
  path: 'Microsoft.Network/natGateways/{natGatewayName}',
  name: networkName,
  latency: { create: 6, update: 5, delete: 11 },
  defaults: { idleTimeoutInMinutes: 4 },
  checks: [
    oneOf('sku.name', ['Standard', 'StandardV2']),
    range('idleTimeoutInMinutes', 4, 120),
    oneOf('zones[]', ['1', '2', '3']),
    length('publicIpAddresses', 0, 16),
    rule(['zones', 'sku'], (inputs) => (texts(inputs, 'zones').length > 1 && select(inputs, 'sku.name').every(({ value }) => value === 'Standard') ? 'a NAT gateway of the Standard SKU lies in one zone at most' : undefined)),
  ],
  references: [refers('publicIpAddresses[].id', tokens.publicIpAddress)],
  admit({ inputs, cloud, existing }) {
    for (const { value } of select(inputs, 'publicIpAddresses[].id')) {
      const address = typeof value === 'string' ? value : '';
      const [user] = usersOf(address, cloud, tokens.natGateway, 'publicIpAddresses[].id').filter((other) => other.id !== existing?.id);
      const holder = user ?? usersOf(address, cloud, tokens.loadBalancer, 'frontendIPConfigurations[].publicIPAddress.id')[0];
      if (holder !== undefined) {
        throw new AzureError('PublicIPAddressInUse', `Resource ${text(inputs, 'natGatewayName') ?? ''} is referencing public IP address ${address} that is already allocated to resource ${holder.id}.`);
      }
    }
  },
  computed: () => ({ resourceGuid: randomUUID() }),
  blocker(item, cloud) {
    const [user] = usersOf(item.id, cloud, tokens.subnet, 'natGateway.id');
    if (user === undefined) return undefined;
    return new AzureError('InUseNatGatewayCannotBeDeleted', `Nat Gateway ${item.id} cannot be deleted because it is in use by the following subnet(s): ${user.id}`);
  },
});

const port = /^(\*|\d{1,5}(-\d{1,5})?)$/;

/** What is wrong with one side of a security rule. */
function sideFault(inputs: Request['inputs'], side: 'source' | 'destination'): string | undefined {
  const given = (names: readonly string[]): string[] => names.filter((name) => inputs[name] !== undefined);
  const [ports, peers] = [[`${side}PortRange`, `${side}PortRanges`], [`${side}AddressPrefix`, `${side}AddressPrefixes`, `${side}ApplicationSecurityGroups`]];
  if (given(ports).length !== 1) return `exactly one of ${ports.join(', ')} must be specified`;
  if (given(peers).length !== 1) return `exactly one of ${peers.join(', ')} must be specified`;
  const wrongPort = [text(inputs, `${side}PortRange`) ?? [], texts(inputs, `${side}PortRanges`)].flat().find((value) => !port.test(value) || value.split('-').some((end) => Number(end) > 65_535));
  if (wrongPort !== undefined) return `"${wrongPort}" is no port, range of ports or *`;
  if (side === 'source' && inputs['sourcePortRange'] !== '*') return 'the sandbox imitates security rules for all source ports (*) only';
  const wrongPeer = [text(inputs, `${side}AddressPrefix`) ?? [], texts(inputs, `${side}AddressPrefixes`)].flat().find((value) => !/^(\*|[A-Z]\w+(\.\w+)?)$/.test(value) && Cidr.parse(value.includes('/') ? value : `${value}/32`) === undefined);
  return wrongPeer === undefined ? undefined : `"${wrongPeer}" is no range of addresses, service tag or *`;
}

export const networkSecurityGroup: ResourceType = arm({
  token: tokens.networkSecurityGroup,
  path: 'Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}',
  name: networkName,
  latency: { create: 3, update: 3, delete: 11 },
  checks: [rule(['securityRules'], (inputs) => (inputs['securityRules'] === undefined ? undefined : 'the sandbox imitates security rules as resources of their own only'))],
  computed: () => ({ resourceGuid: randomUUID(), securityRules: [], defaultSecurityRules: [], flowLogs: [] }),
  blocker(item, cloud) {
    const user = firstUser(item, cloud, [
      [tokens.subnet, 'networkSecurityGroup.id'],
      [tokens.networkInterface, 'networkSecurityGroup.id'],
      [tokens.virtualMachineScaleSet, 'virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].networkSecurityGroup.id'],
    ]);
    if (user === undefined) return undefined;
    return new AzureError('InUseNetworkSecurityGroupCannotBeDeleted', `Network security group ${item.id} cannot be deleted because it is in use by the following resources: ${user.id}. In order to delete the Network security group, remove the association with the resource(s).`);
  },
});

export const securityRule: ResourceType = arm({
  token: tokens.securityRule,
  path: 'Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}',
  inside: tokens.networkSecurityGroup,
  name: networkName,
  latency: { create: 2, update: 2, delete: 10 },
  checks: [
    range('priority', 100, 4096),
    oneOf('direction', ['Inbound', 'Outbound']),
    oneOf('access', ['Allow', 'Deny']),
    oneOf('protocol', ['Tcp', 'Udp', 'Icmp', 'Esp', 'Ah', '*']),
    length('description', 0, 140),
    rule(['sourcePortRange', 'sourcePortRanges', 'sourceAddressPrefix', 'sourceAddressPrefixes', 'sourceApplicationSecurityGroups'], (inputs) => sideFault(inputs, 'source')),
    rule(['destinationPortRange', 'destinationPortRanges', 'destinationAddressPrefix', 'destinationAddressPrefixes', 'destinationApplicationSecurityGroups'], (inputs) => sideFault(inputs, 'destination')),
  ],
  admit({ inputs, cloud, existing }, group) {
    const twin = cloud.inventory.childrenOf(group, tokens.securityRule).find(({ id, outputs }) =>
      id !== existing?.id && number(outputs, 'priority') === number(inputs, 'priority') && text(outputs, 'direction') === text(inputs, 'direction') &&
      nameOf(id).toLowerCase() !== text(inputs, 'securityRuleName')?.toLowerCase());
    if (twin !== undefined) {
      throw new AzureError('SecurityRuleConflict', `Security rule ${text(inputs, 'securityRuleName') ?? ''} conflicts with rule ${nameOf(twin.id)}. Rules cannot have the same Priority and Direction.`);
    }
  },
});
