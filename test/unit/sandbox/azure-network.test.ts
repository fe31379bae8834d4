import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { group, inside, networkInterface, openGround, place, subnet, tags, workerNetwork } from './azure-ground.js';

let azure: Awaited<ReturnType<typeof openGround>>;
beforeEach(async () => {
  azure = await openGround();
});
afterEach(() => azure.close());

const item = (type: string, id: string) => azure.sandbox.inventory.get(type, id);

describe('azure resource group', () => {
  it('gives all in it its owner, and takes all of it along', async () => {
    expect(item(types.subnet, azure.subnetId)).toMatchObject({ cluster: 'demo', uid: 'abc123def456', resource: 'group', region: 'westeurope' });
    await azure.delete(types.resourceGroup, group);
    expect(azure.sandbox.inventory.list('demo')).toEqual([]);
  });

  it('must be there before anything is put into it', async () => {
    await expect(azure.create(types.networkSecurityGroup, { resourceGroupName: 'none', location: 'westeurope', networkSecurityGroupName: 'nodes' })).rejects.toThrow(/Status=404 Code="ResourceGroupNotFound" Message="Resource group 'none' could not be found/);
  });

  it('refuses names and places that Azure refuses', async () => {
    await expect(azure.create(types.resourceGroup, { resourceGroupName: 'ends.', location: 'westeurope' })).rejects.toThrow(/not end with a period/);
    await expect(azure.create(types.resourceGroup, { resourceGroupName: 'x'.repeat(91), location: 'westeurope' })).rejects.toThrow(/1 to 90 characters/);
    await expect(azure.create(types.resourceGroup, { resourceGroupName: 'moon', location: 'moonbase' })).rejects.toThrow(/LocationNotAvailableForResourceGroup/);
  });
});

describe('azure resources', () => {
  it('have ids of Resource Manager, and answers in its form', async () => {
    const { id, outputs } = await azure.create(types.networkSecurityGroup, { ...place, location: 'West Europe', networkSecurityGroupName: 'nodes' });
    expect(id).toBe(`${group}/providers/Microsoft.Network/networkSecurityGroups/nodes`);
    expect(outputs).toMatchObject({ name: 'nodes', type: 'Microsoft.Network/networkSecurityGroups', location: 'westeurope', provisioningState: 'Succeeded', azureApiVersion: '2024-05-01' });
    expect(outputs).not.toHaveProperty('resourceGroupName');
  });

  it('are not created over what is there', () =>
    expect(azure.create(types.subnet, subnet('nodes', '10.20.9.0/24'))).rejects.toThrow(`cannot create already existing resource '${azure.subnetId}'`));

  it('refuse a property that the SDK does not know', () =>
    expect(azure.create(types.networkSecurityGroup, { ...place, networkSecurityGroupName: 'x', rules: [] })).rejects.toThrow(/"rules" is not expected here/));

  it('need their parent', () =>
    expect(azure.create(types.subnet, { ...subnet('other', '10.20.1.0/24'), virtualNetworkName: 'none' })).rejects.toThrow(/Status=404 Code="ParentResourceNotFound"/));

  it('take place and name from provider and group where the program leaves them out', async () => {
    const { id, inputs } = await azure.create(types.networkSecurityGroup, inside, 'nodes');
    expect(id).toMatch(/\/networkSecurityGroups\/nodes[0-9a-f]{8}$/);
    expect(inputs).toMatchObject({ location: 'westeurope', __createBeforeDelete: true });
  });

  it('are replaced by a change of name, group and, where Azure says so, place; the old one goes first', async () => {
    const olds: PropertyMap = { ...place, virtualNetworkName: 'network', addressSpace: { addressPrefixes: ['10.20.0.0/16'] } };
    const replaced = await azure.diff(types.virtualNetwork, olds, { ...olds, location: 'northeurope' });
    expect([...replaced.differences]).toEqual([['location', 'update-replace']]);
    expect(replaced.deleteBeforeReplace).toBe(true);
    const updated = await azure.diff(types.virtualNetwork, olds, { ...olds, tags });
    expect([...updated.differences.values()]).toEqual(['add']);
  });

  it('stay where they are', async () => {
    const { id } = await azure.create(types.networkSecurityGroup, { ...place, networkSecurityGroupName: 'nodes' });
    await expect(azure.update(types.networkSecurityGroup, id, { ...place, location: 'northeurope', networkSecurityGroupName: 'nodes' })).rejects.toThrow(/Status=409 Code="InvalidResourceLocation"/);
  });
});

describe('azure subnet', () => {
  it.each([
    ['10.30.0.0/24', /NetcfgInvalidSubnet/],
    ['10.20.0.128/25', /NetcfgSubnetRangesOverlap/],
    ['10.20.1.7/24', /did you mean 10\.20\.1\.0\/24/],
  ])('refuses the range %s', (range, reason) => expect(azure.create(types.subnet, subnet('other', range))).rejects.toThrow(reason));

  it('refuses a security group that does not exist', () =>
    expect(azure.create(types.subnet, subnet('other', '10.20.1.0/24', { networkSecurityGroup: { id: `${group}/providers/Microsoft.Network/networkSecurityGroups/none` } }))).rejects.toThrow(/InvalidResourceReference/));

  it('stays while something has an address in it, and keeps its network', async () => {
    const { id } = await azure.create(types.networkInterface, networkInterface('one', azure.subnetId));
    await expect(azure.delete(types.subnet, azure.subnetId)).rejects.toThrow(/Code="InUseSubnetCannotBeDeleted"/);
    await expect(azure.delete(types.virtualNetwork, azure.networkId)).rejects.toThrow(/Code="InUseSubnetCannotBeDeleted"/);
    await azure.delete(types.networkInterface, id);
    await azure.delete(types.virtualNetwork, azure.networkId);
    expect(item(types.subnet, azure.subnetId)).toBeUndefined();
  });

  it('keeps the NAT gateway and the security group that it uses, and they the address', async () => {
    const { id: publicId } = await azure.create(types.publicIpAddress, { ...place, publicIpAddressName: 'nat', sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static' });
    const { id: gatewayId } = await azure.create(types.natGateway, { ...place, natGatewayName: 'nat', sku: { name: 'Standard' }, publicIpAddresses: [{ id: publicId }] });
    const { id: securityGroupId } = await azure.create(types.networkSecurityGroup, { ...place, networkSecurityGroupName: 'nodes' });
    await azure.create(types.subnet, subnet('more', '10.20.1.0/24', { natGateway: { id: gatewayId }, networkSecurityGroup: { id: securityGroupId } }));
    await expect(azure.delete(types.natGateway, gatewayId)).rejects.toThrow(/InUseNatGatewayCannotBeDeleted/);
    await expect(azure.delete(types.networkSecurityGroup, securityGroupId)).rejects.toThrow(/InUseNetworkSecurityGroupCannotBeDeleted/);
    await expect(azure.delete(types.publicIpAddress, publicId)).rejects.toThrow(/PublicIPAddressCannotBeDeleted/);
    await expect(azure.create(types.natGateway, { ...place, natGatewayName: 'nat-2', sku: { name: 'Standard' }, publicIpAddresses: [{ id: publicId }] })).rejects.toThrow(/PublicIPAddressInUse/);
  });
});

describe('azure network interface', () => {
  it('gets the lowest free address after the four that Azure keeps', async () => {
    const addressOf = async (name: string) => (await azure.create(types.networkInterface, networkInterface(name, azure.subnetId))).outputs['ipConfigurations'];
    expect(await addressOf('one')).toMatchObject([{ privateIPAddress: '10.20.0.4' }]);
    expect(await addressOf('two')).toMatchObject([{ privateIPAddress: '10.20.0.5' }]);
  });

  it.each([
    ['10.20.1.4', /PrivateIPAddressNotInSubnet/],
    ['10.20.0.3', /PrivateIPAddressInReservedRange/],
    ['10.20.0.255', /PrivateIPAddressInReservedRange/],
    ['10.20.0.16', /PrivateIPAddressIsAllocated/],
  ])('refuses the static address %s', async (privateIPAddress, reason) => {
    const fixed = (address: string) => ({ privateIPAllocationMethod: 'Static', privateIPAddress: address });
    await azure.create(types.networkInterface, networkInterface('one', azure.subnetId, fixed('10.20.0.16')));
    await expect(azure.create(types.networkInterface, networkInterface('two', azure.subnetId, fixed(privateIPAddress)))).rejects.toThrow(reason);
  });
});

describe('azure security rule', () => {
  const rule = (securityRuleName: string, more: PropertyMap = {}) =>
    azure.create(types.securityRule, { ...inside, networkSecurityGroupName: 'nodes', securityRuleName, priority: 100, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', sourcePortRange: '*', sourceAddressPrefix: '10.20.0.0/16', destinationPortRange: '6443', destinationAddressPrefix: '*', ...more });
  beforeEach(async () => {
    await azure.create(types.networkSecurityGroup, { ...place, networkSecurityGroupName: 'nodes' });
  });

  it('has a priority of its own in its direction', async () => {
    await rule('api');
    await rule('api-out', { direction: 'Outbound' });
    await expect(rule('twin')).rejects.toThrow(/SecurityRuleConflict.*conflicts with rule api/);
  });

  it.each<[string, PropertyMap, RegExp]>([
    ['a priority below 100', { priority: 99 }, /from 100 to 4096/],
    ['an impossible port', { destinationPortRange: '70000' }, /no port, range of ports/],
    ['source ports, which are not imitated', { sourcePortRange: '1024-65535' }, /all source ports \(\*\) only/],
    ['no peer', { sourceAddressPrefix: 'somewhere else' }, /no range of addresses, service tag/],
    ['a peer twice', { sourceAddressPrefixes: ['10.0.0.0/8'] }, /exactly one of sourceAddressPrefix/],
    ['a long description', { description: 'x'.repeat(141) }, /0 to 140 characters/],
  ])('refuses %s', (_what, more, reason) => expect(rule('wrong', more)).rejects.toThrow(reason));
});

describe('azure load balancer', () => {
  const part = (list: string, name: string) => ({ id: `${group}/providers/Microsoft.Network/loadBalancers/api/${list}/${name}` });
  const balancer = (more: PropertyMap = {}): PropertyMap => ({
    ...place,
    loadBalancerName: 'api',
    sku: { name: 'Standard', tier: 'Regional' },
    frontendIPConfigurations: [{ name: 'api', subnet: { id: azure.subnetId }, privateIPAllocationMethod: 'Dynamic', zones: ['1', '2', '3'] }],
    backendAddressPools: [{ name: 'control-plane' }],
    probes: [{ name: 'readyz', protocol: 'Https', port: 6443, requestPath: '/readyz', intervalInSeconds: 5 }],
    loadBalancingRules: [{ name: 'api', frontendIPConfiguration: part('frontendIPConfigurations', 'api'), backendAddressPool: part('backendAddressPools', 'control-plane'), probe: part('probes', 'readyz'), protocol: 'Tcp', frontendPort: 6443, backendPort: 6443 }],
    ...more,
  });
  const address = (outputs: PropertyMap) => (outputs['frontendIPConfigurations'] as PropertyMap[])[0]?.['privateIPAddress'];

  it('gets an address at which things can listen, which stays through updates', async () => {
    const { id, outputs } = await azure.create(types.loadBalancer, balancer());
    expect(address(outputs)).toMatch(/^127\./);
    expect(outputs['backendAddressPools']).toMatchObject([part('backendAddressPools', 'control-plane')]);
    expect(address(await azure.update(types.loadBalancer, id, { ...balancer(), tags }))).toBe(address(outputs));
  });

  it('refuses rules about parts that it does not have', () =>
    expect(azure.create(types.loadBalancer, balancer({ probes: [] }))).rejects.toThrow(/InvalidResourceReference.*probes\/readyz/));

  it('refuses a probe by HTTPS without a path, and a frontend that is neither internal nor public', async () => {
    await expect(azure.create(types.loadBalancer, balancer({ probes: [{ name: 'readyz', protocol: 'Https', port: 6443 }] }))).rejects.toThrow(/needs a requestPath/);
    await expect(azure.create(types.loadBalancer, balancer({ frontendIPConfigurations: [{ name: 'api' }] }))).rejects.toThrow(/exactly one of subnet, publicIPAddress/);
  });

  it('has the pools that interfaces join', async () => {
    const joining = networkInterface('cp-1', azure.subnetId, { loadBalancerBackendAddressPools: [part('backendAddressPools', 'control-plane')] });
    await expect(azure.create(types.networkInterface, joining)).rejects.toThrow(/InvalidResourceReference/);
    await azure.create(types.loadBalancer, balancer());
    await azure.create(types.networkInterface, joining);
  });
});

describe('azure peering', () => {
  const peering = (network: string, remote: string, resourceGroupName: string = place.resourceGroupName) =>
    azure.create(types.virtualNetworkPeering, { resourceGroupName, virtualNetworkName: network, virtualNetworkPeeringName: `to-${remote.split('/').at(-1) ?? ''}`, remoteVirtualNetwork: { id: remote } });
  const network = async (virtualNetworkName: string, range: string) => (await azure.create(types.virtualNetwork, { ...place, virtualNetworkName, addressSpace: { addressPrefixes: [range] } })).id;

  it('connects when both directions are there, and belongs to the cluster on either side', async () => {
    const { id: first, outputs } = await peering('network', workerNetwork);
    expect(outputs['peeringState']).toBe('Initiated');
    const { id: second } = await peering('worker', azure.networkId, 'worker');
    expect([first, second].map((id) => item(types.virtualNetworkPeering, id))).toMatchObject([
      { cluster: 'demo', outputs: { peeringState: 'Connected' } },
      { cluster: 'demo', outputs: { peeringState: 'Connected' } },
    ]);
    await azure.delete(types.virtualNetworkPeering, first);
    expect(item(types.virtualNetworkPeering, second)?.outputs['peeringState']).toBe('Disconnected');
    await expect(peering('network', workerNetwork)).rejects.toThrow(/RemotePeeringIsDisconnected/);
  });

  it('refuses networks that overlap, and one that overlaps with a network that is peered already', async () => {
    await network('same', '10.1.128.0/17');
    await expect(peering('same', workerNetwork)).rejects.toThrow(/VnetAddressSpacesOverlap/);
    await peering('worker', azure.networkId, 'worker');
    const twin = await network('twin', '10.20.0.0/17');
    await expect(peering('worker', twin, 'worker')).rejects.toThrow(/VnetAddressSpaceOverlapsWithAlreadyPeeredVnet/);
  });
});

describe('azure private dns', () => {
  const zone = () => azure.create(types.privateZone, { ...inside, location: 'Global', privateZoneName: 'demo.internal' });
  const link = (name: string, id: string) => azure.create(types.virtualNetworkLink, { ...inside, location: 'Global', privateZoneName: 'demo.internal', virtualNetworkLinkName: name, virtualNetwork: { id } });

  it('keeps a zone while networks see it, and lets a network see one zone of a name', async () => {
    const { id } = await zone();
    const { id: linkId } = await link('own', azure.networkId);
    await expect(link('again', azure.networkId)).rejects.toThrow(/Status=409 Code="Conflict".*overlapping namespaces/);
    await expect(azure.delete(types.privateZone, id)).rejects.toThrow(/CannotDeleteResource/);
    await azure.delete(types.virtualNetworkLink, linkId);
    await azure.delete(types.privateZone, id);
  });

  it('has record sets with ids of their own form', async () => {
    await zone();
    const record: PropertyMap = { ...inside, privateZoneName: 'demo.internal', recordType: 'A', relativeRecordSetName: 'api', ttl: 60, aRecords: [{ ipv4Address: '10.20.0.9' }] };
    const { id, outputs } = await azure.create(types.privateRecordSet, record);
    expect(id).toBe(`${group}/providers/Microsoft.Network/privateDnsZones/demo.internal/A/api`);
    expect(outputs).toMatchObject({ fqdn: 'api.demo.internal.', type: 'Microsoft.Network/privateDnsZones/A' });
    await expect(azure.create(types.privateRecordSet, { ...record, relativeRecordSetName: 'other', aRecords: [{ ipv4Address: 'here' }] })).rejects.toThrow(/be an IPv4 address/);
    await expect(azure.create(types.privateZone, { ...inside, location: 'westeurope', privateZoneName: 'other.internal' })).rejects.toThrow(/must be Global/);
  });
});

describe('azure flow log', () => {
  it('lies in the watcher that comes with the first network of a region, and belongs to its network, with which it goes', async () => {
    const { id: storageId } = await azure.create(types.storageAccount, { ...place, accountName: 'demoflowlogs', kind: 'StorageV2', sku: { name: 'Standard_ZRS' } });
    const flowLog: PropertyMap = { resourceGroupName: 'NetworkWatcherRG', networkWatcherName: 'NetworkWatcher_westeurope', flowLogName: 'demo', location: 'westeurope', storageId, targetResourceId: azure.networkId, enabled: true };
    const { id } = await azure.create(types.flowLog, flowLog);
    expect(item(types.flowLog, id)).toMatchObject({ cluster: 'demo' });
    await expect(azure.create(types.flowLog, { ...flowLog, flowLogName: 'again' })).rejects.toThrow(/FlowLogAlreadyExists/);
    await azure.delete(types.resourceGroup, group);
    expect(item(types.flowLog, id)).toBeUndefined();
    expect(azure.sandbox.inventory.ofType(types.networkWatcher)).toHaveLength(1);
  });
});
