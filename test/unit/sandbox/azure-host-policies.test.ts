import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureHosts } from '../../../sandbox/azure/hosts/index.js';
import * as types from '../../../sandbox/azure/types/tokens.js';
import type { HostNetwork } from '../../../sandbox/hosts/host-cloud.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { group, inside, networkInterface, openGround, place, scaleSet, subnet, workerNetwork } from './azure-ground.js';

let azure: Awaited<ReturnType<typeof openGround>>;
beforeEach(async () => {
  azure = await openGround();
});
afterEach(() => azure.close());

const network = (): HostNetwork => azureHosts({ cloud: azure.cloud, instanceMetadata: () => createServer(), dataPlanes: createServer() }).network(azure.networkId) ?? expect.fail('the network is none of hosts');
const card = (name: string, more: PropertyMap = {}) => azure.create(types.networkInterface, { ...networkInterface(name, azure.subnetId), ...more });

describe('azure security groups for hosts', () => {
  const groupId = (name: string) => `${group}/providers/Microsoft.Network/networkSecurityGroups/${name}`;
  const securityGroup = (name: string) => azure.create(types.networkSecurityGroup, { ...place, networkSecurityGroupName: name });
  const rule = (networkSecurityGroupName: string, securityRuleName: string, more: PropertyMap) => azure.create(types.securityRule, {
    ...inside, networkSecurityGroupName, securityRuleName, priority: 100, direction: 'Inbound', access: 'Allow', protocol: 'Tcp',
    sourcePortRange: '*', ...('sourceAddressPrefixes' in more ? {} : { sourceAddressPrefix: '*' }), ...('destinationPortRanges' in more ? {} : { destinationPortRange: '*' }), destinationAddressPrefix: '*', ...more,
  });
  /** The subnet of the ground under a group. */
  const shut = async (name: string) => {
    await securityGroup(name);
    await azure.update(types.subnet, azure.subnetId, subnet('nodes', '10.20.0.0/24', { networkSecurityGroup: { id: groupId(name) } }));
  };
  const defaults = {
    inbound: [
      { allow: true, protocol: 'any', ports: null, peers: ['10.20.0.0/16', '168.63.129.16/32'] },
      { allow: true, protocol: 'any', ports: null, peers: ['168.63.129.16/32'] },
    ],
    outbound: [
      { allow: true, protocol: 'any', ports: null, peers: ['10.20.0.0/16', '168.63.129.16/32'] },
      expect.objectContaining({ allow: true, protocol: 'any', ports: null }),
    ],
  };

  it('leave open what is in none', async () => {
    await card('cp-1');

    expect(network().policies).toEqual([]);
  });

  it('end with the rules that Azure gives each', async () => {
    await shut('nodes');
    await card('cp-1');

    expect(network().policies).toEqual([{ members: ['10.20.0.4'], ...defaults }]);
  });

  it('are looked at in the order of priorities, whichever rule was made first', async () => {
    await shut('nodes');
    await rule('nodes', 'nothing-else', { priority: 4096, access: 'Deny', protocol: '*' });
    await rule('nodes', 'api', { priority: 130, sourceAddressPrefixes: ['10.20.1.0/24', '10.9.0.7'], destinationPortRange: '6443' });
    await rule('nodes', 'probe', { priority: 131, sourceAddressPrefix: 'AzureLoadBalancer', destinationPortRange: '6443' });
    await rule('nodes', 'out', { direction: 'Outbound', destinationAddressPrefix: 'Internet', destinationPortRange: '443' });
    await card('cp-1');

    const [policy] = network().policies;
    expect(policy?.inbound.slice(0, 3)).toEqual([
      { allow: true, protocol: 'tcp', ports: [6443, 6443], peers: ['10.20.1.0/24', '10.9.0.7/32'] },
      { allow: true, protocol: 'tcp', ports: [6443, 6443], peers: ['168.63.129.16/32'] },
      { allow: false, protocol: 'any', ports: null, peers: ['0.0.0.0/0'] },
    ]);
    expect(policy?.inbound.slice(3)).toEqual(defaults.inbound);
    expect(policy?.outbound[0]).toMatchObject({ allow: true, protocol: 'tcp', ports: [443, 443] });
  });

  it('take lists of ports one by one, and mean TCP and UDP where a rule with ports is for all protocols', async () => {
    await shut('nodes');
    await rule('nodes', 'many', { protocol: '*', destinationPortRanges: ['80', '8000-8010'] });
    await rule('nodes', 'echo', { priority: 101, protocol: 'Icmp' });
    await card('cp-1');

    const peers = ['0.0.0.0/0'];
    expect(network().policies[0]?.inbound.slice(0, 5)).toEqual([
      { allow: true, protocol: 'tcp', ports: [80, 80], peers }, { allow: true, protocol: 'udp', ports: [80, 80], peers },
      { allow: true, protocol: 'tcp', ports: [8000, 8010], peers }, { allow: true, protocol: 'udp', ports: [8000, 8010], peers },
      { allow: true, protocol: 'icmp', ports: null, peers },
    ]);
  });

  it('of subnet and interface must both let through, for instances of scale sets too', async () => {
    await shut('subnet');
    await securityGroup('card');
    await card('cp-1', { networkSecurityGroup: { id: groupId('CARD') } });
    const profile = scaleSet('general', azure.subnetId, 1)['virtualMachineProfile'] as PropertyMap;
    const configurations = [{ name: 'primary', primary: true, networkSecurityGroup: { id: groupId('card') }, ipConfigurations: [{ name: 'primary', subnet: { id: azure.subnetId } }] }];
    await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1, { virtualMachineProfile: { ...profile, networkProfile: { networkInterfaceConfigurations: configurations } } }));
    await card('cp-2');

    expect(network().policies.map(({ members }) => members)).toEqual([['10.20.0.4', '10.20.0.5', '10.20.0.6'], ['10.20.0.4', '10.20.0.5']]);
  });

  it('hold with each rule for those whose address the rule names as its own end', async () => {
    await shut('nodes');
    await rule('nodes', 'one-only', { destinationAddressPrefix: '10.20.0.4', destinationPortRange: '80' });
    await card('cp-1');
    await card('cp-2');

    expect(network().policies.map(({ members, inbound }) => [members, inbound.length])).toEqual([[['10.20.0.4'], 3], [['10.20.0.5'], 2]]);
  });

  it('count networks that are peered in both directions as the virtual network, and the rest as the internet', async () => {
    await shut('nodes');
    await card('cp-1');
    const ends = (index: number) => network().policies[0]?.outbound[index]?.peers ?? [];
    const half = (group_: string, name: string, remote: string) => azure.create(types.virtualNetworkPeering, { resourceGroupName: group_, virtualNetworkName: name, virtualNetworkPeeringName: 'peering', remoteVirtualNetwork: { id: remote } });
    await half(place.resourceGroupName, 'network', workerNetwork);
    expect(ends(0)).not.toContain('10.1.0.0/16');

    await half('worker', 'worker', azure.networkId);

    expect(ends(0)).toEqual(['10.20.0.0/16', '10.1.0.0/16', '168.63.129.16/32']);
    const within = (address: string): boolean => {
      const value = (one: string): number => one.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      return ends(1).some((range) => {
        const [base = '', bits = '32'] = range.split('/');
        return Math.floor(value(address) / 2 ** (32 - Number(bits))) === Math.floor(value(base) / 2 ** (32 - Number(bits)));
      });
    };
    expect(['10.20.0.0', '10.20.255.255', '10.1.2.3', '168.63.129.16'].map(within)).toEqual([false, false, false, false]);
    expect(['10.19.255.255', '10.21.0.0', '10.2.0.0', '168.63.129.17', '198.18.255.1', '0.0.0.0', '255.255.255.255'].map(within)).toEqual(Array.from({ length: 7 }, () => true));
  });

  it('pass by private endpoints, unless the subnet says otherwise', async () => {
    const { id: vaultId } = await azure.create(types.vault, { ...place, vaultName: 'demo-join', properties: { tenantId: '7e4a4700-0000-4000-8000-000000000001', sku: { family: 'A', name: 'standard' } } });
    await securityGroup('endpoints');
    for (const [index, policies] of ['Disabled', 'NetworkSecurityGroupEnabled'].entries()) {
      const { id } = await azure.create(types.subnet, subnet(`endpoints-${index}`, `10.20.${index + 1}.0/24`, { networkSecurityGroup: { id: groupId('endpoints') }, privateEndpointNetworkPolicies: policies }));
      await azure.create(types.privateEndpoint, { ...place, privateEndpointName: `join-${index}`, subnet: { id }, privateLinkServiceConnections: [{ name: 'join', privateLinkServiceId: vaultId, groupIds: ['vault'] }] });
    }

    expect(network().policies.map(({ members }) => members)).toEqual([['10.20.2.4']]);
  });
});
