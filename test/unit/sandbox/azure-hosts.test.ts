import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureHosts } from '../../../sandbox/azure/hosts/index.js';
import { azureNodes } from '../../../sandbox/azure/kubernetes/index.js';
import { Blobs } from '../../../sandbox/azure/data-planes/blobs.js';
import { VaultSecrets } from '../../../sandbox/azure/data-planes/vault-secrets.js';
import * as types from '../../../sandbox/azure/types/tokens.js';
import type { HostCloud, HostMachine, HostNetwork } from '../../../sandbox/hosts/host-cloud.js';
import { gateSettingsSchema } from '../../../sandbox/hosts/gate/settings.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { group, inside, machine, networkInterface, openGround, place, scaleSet, tags } from './azure-ground.js';

let azure: Awaited<ReturnType<typeof openGround>>;
let hosts: HostCloud;
const asked: string[] = [];

async function open(options: { latency?: number } = {}): Promise<void> {
  azure = await openGround(options);
  asked.length = 0;
  const instanceMetadata = (id: string) => {
    asked.push(id);
    return createServer();
  };
  hosts = azureHosts({ cloud: azure.cloud, instanceMetadata, dataPlanes: createServer() });
}
beforeEach(() => open());
afterEach(() => azure.close());

const inventory = () => azure.sandbox.inventory;
const all = (): HostMachine[] => [...hosts.machineTypes].flatMap((type) => inventory().ofType(type)).flatMap((item) => hosts.machine(item) ?? []);
const network = (): HostNetwork => hosts.network(azure.networkId) ?? expect.fail('the network is none of hosts');
const card = async (name: string, configuration: PropertyMap = {}) => (await azure.create(types.networkInterface, networkInterface(name, azure.subnetId, configuration))).id;

describe('azure machines as hosts', () => {
  it('are virtual machines with the disks that are attached by LUN', async () => {
    const { id: diskId } = await azure.create(types.disk, { ...place, diskName: 'etcd', sku: { name: 'Premium_LRS' }, zones: ['1'], diskSizeGB: 32, creationData: { createOption: 'Empty' } });
    const storage = { dataDisks: [{ lun: 3, createOption: 'Attach', managedDisk: { id: diskId } }] };
    const { id, outputs } = await azure.create(types.virtualMachine, machine('demo-cp-1', await card('cp-1'), {}, storage));

    expect(all()).toEqual([{
      id: outputs['vmId'], cluster: 'demo', name: 'demo-cp-1', node: 'demo-cp-1', network: azure.networkId, address: '10.20.0.4', subnet: '10.20.0.0/24', runningSince: inventory().get(types.virtualMachine, id)?.readyAt, userData: Buffer.from('#cloud-config'),
      disks: [{ name: 'disk/azure/data/by-lun/3', id: diskId, sizeGiB: 32 }],
    }]);
  });

  it('are the instances of scale sets, with the names and addresses that the set gave them', async () => {
    await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 2));

    expect(all()).toMatchObject([{ name: 'demo-general-000000', address: '10.20.0.4', disks: [] }, { name: 'demo-general-000001', address: '10.20.0.5', disks: [] }]);
  });

  it('get the user data that simulated nodes read, byte by byte', async () => {
    const customData = Buffer.from([0x1f, 0x8b, 0, 0xff, 0x0a]).toString('base64');
    await azure.create(types.virtualMachine, machine('demo-cp-1', await card('cp-1'), { osProfile: { ...machine('demo-cp-1', '')['osProfile'] as PropertyMap, customData } }));
    await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1));
    const { journal, clock } = azure.sandbox;
    const nodes = azureNodes({ cloud: azure.cloud, secrets: new VaultSecrets(journal, inventory(), clock), blobs: new Blobs(journal, inventory(), clock) });

    const read = [...nodes.machineTypes].flatMap((type) => inventory().ofType(type)).map((item) => nodes.userDataOf(item));
    expect(all().map(({ userData }) => userData)).toEqual(read);
    expect(read[0]).toEqual(Buffer.from(customData, 'base64'));
  });

  it('run once they are there, and not before', async () => {
    await azure.close();
    await open({ latency: 0.001 });
    const before = azure.sandbox.clock.now();
    await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 1));

    expect((all()[0]?.runningSince ?? 0) - before).toBeGreaterThanOrEqual(45);
  });

  it('are others once they are made anew, with the same name or not', async () => {
    const { id } = await azure.create(types.virtualMachine, machine('demo-cp-1', await card('cp-1')));
    const [first] = all();
    await azure.update(types.virtualMachine, id, { ...machine('demo-cp-1', `${group}/providers/Microsoft.Network/networkInterfaces/cp-1`), hardwareProfile: { vmSize: 'Standard_D8s_v5' } });
    expect(all().map((one) => one.id)).toEqual([first?.id]);

    await azure.delete(types.virtualMachine, id);
    await azure.create(types.virtualMachine, machine('demo-cp-1', await card('cp-1')));
    expect(all()).toMatchObject([{ name: 'demo-cp-1', address: '10.20.0.4' }]);
    expect(all()[0]?.id).not.toBe(first?.id);
  });

  it('ask a metadata service of their own, which filters nothing', async () => {
    const { id } = await azure.create(types.virtualMachine, machine('demo-cp-1', await card('cp-1')));
    hosts.metadata(all()[0]?.id ?? '');

    expect(asked).toEqual([id]);
    expect(hosts.metadataFilter).toBe('');
  });
});

describe('azure network of hosts', () => {
  const part = (list: string, name: string) => ({ id: `${group}/providers/Microsoft.Network/loadBalancers/api/${list}/${name}` });
  const balancer = (probes: PropertyMap[], rule: PropertyMap = {}): PropertyMap => ({
    ...place, loadBalancerName: 'api', sku: { name: 'Standard', tier: 'Regional' },
    frontendIPConfigurations: [{ name: 'api', subnet: { id: azure.subnetId }, privateIPAllocationMethod: 'Dynamic' }], backendAddressPools: [{ name: 'control-plane' }], probes,
    loadBalancingRules: [{
      name: 'api', frontendIPConfiguration: part('frontendIPConfigurations', 'api'), backendAddressPool: part('backendAddressPools', 'control-plane'), protocol: 'Tcp', frontendPort: 6443, backendPort: 16443,
      ...(probes.length > 0 ? { probe: part('probes', 'readyz') } : {}), ...rule,
    }],
  });
  const pool = { loadBalancerBackendAddressPools: [part('backendAddressPools', 'control-plane')] };
  const https = { name: 'readyz', protocol: 'Https', port: 6444, requestPath: '/readyz', intervalInSeconds: 10, numberOfProbes: 9, probeThreshold: 2 };
  const shownAddress = (outputs: PropertyMap) => (outputs['frontendIPConfigurations'] as { privateIPAddress: string }[])[0]?.privateIPAddress ?? '';

  it('is none where there is no such network', () => {
    expect(hosts.network(`${azure.networkId}-2`)).toBeUndefined();
  });

  it('has its internal load balancers at an address of its own that stays, with the machines of the pool behind it', async () => {
    const { id, outputs } = await azure.create(types.loadBalancer, balancer([https]));
    await card('cp-1', pool);
    await azure.create(types.virtualMachine, machine('demo-cp-1', `${group}/providers/Microsoft.Network/networkInterfaces/cp-1`));
    await card('cp-2');
    await azure.update(types.loadBalancer, id, { ...balancer([https]), tags });

    const { balancers } = network();
    expect(balancers).toEqual([{
      address: '10.20.0.4', port: 6443, outside: shownAddress(outputs), passThrough: true, targets: [{ address: '10.20.0.5', port: 16443 }],
      check: { protocol: 'https', path: '/readyz', port: 6444, from: '168.63.129.16', intervalSeconds: 0, healthy: 2, unhealthy: 2 },
    }]);
    const settings = balancers.map(({ outside: _outside, ...one }) => one);
    expect(gateSettingsSchema.parse({ exits: [], balancers: settings, nameServers: [network().nameServer], names: network().names }).balancers).toEqual(settings);
  });

  it.each<[string, PropertyMap[], object | undefined]>([
    ['by a connection', [{ name: 'readyz', protocol: 'Tcp', port: 6443 }], { protocol: 'tcp', port: 6443, healthy: 1, unhealthy: 1 }],
    ['in the clear', [{ name: 'readyz', protocol: 'Http', port: 80, requestPath: '/health' }], { protocol: 'http', path: '/health', port: 80 }],
    ['not at all', [], undefined],
  ])('probes its machines %s where the load balancer says so', async (_how, probes, check) => {
    await azure.create(types.loadBalancer, balancer(probes));

    const [made] = network().balancers;
    if (check === undefined) expect(made).not.toHaveProperty('check');
    else expect(made?.check).toMatchObject(check);
  });

  it('leads nowhere for rules with a floating IP', async () => {
    await azure.create(types.loadBalancer, balancer([https], { enableFloatingIP: true }));

    expect(network().balancers).toEqual([]);
  });

  it('knows its machines by name, and the zones that are linked with it', async () => {
    const { outputs } = await azure.create(types.loadBalancer, balancer([https]));
    await azure.create(types.virtualMachineScaleSet, scaleSet('general', azure.subnetId, 11));
    for (const [zone, linked] of [['demo.clusterwright.internal', true], ['other.clusterwright.internal', false]] as const) {
      await azure.create(types.privateZone, { ...inside, privateZoneName: zone, location: 'Global' });
      if (linked) await azure.create(types.virtualNetworkLink, { ...inside, privateZoneName: zone, virtualNetworkLinkName: 'network', location: 'Global', virtualNetwork: { id: azure.networkId } });
      for (const [relativeRecordSetName, ipv4Address] of [['API', shownAddress(outputs)], ['@', '10.20.0.200'], ['*.apps', '10.20.0.201']] as const) {
        await azure.create(types.privateRecordSet, { ...inside, privateZoneName: zone, recordType: 'A', relativeRecordSetName, ttl: 60, aRecords: [{ ipv4Address }] });
      }
    }

    const { names, nameServer } = network();
    expect(nameServer).toBe('168.63.129.16');
    expect(names).toMatchObject({
      'demo-general-00000a': ['10.20.0.15'],
      'api.demo.clusterwright.internal': ['10.20.0.4'], 'demo.clusterwright.internal': ['10.20.0.200'], '.apps.demo.clusterwright.internal': ['10.20.0.201'],
    });
    expect(Object.keys(names)).toHaveLength(11 + 3);
  });

  it('finds a vault at its private endpoint once it is linked with the zone', async () => {
    const { id: vaultId } = await azure.create(types.vault, { ...place, vaultName: 'demo-join', properties: { tenantId: '7e4a4700-0000-4000-8000-000000000001', sku: { family: 'A', name: 'standard' } } });
    const { id: privateDnsZoneId } = await azure.create(types.privateZone, { ...inside, privateZoneName: 'privatelink.vaultcore.azure.net', location: 'Global' });
    await azure.create(types.privateEndpoint, { ...place, privateEndpointName: 'join', subnet: { id: azure.subnetId }, privateLinkServiceConnections: [{ name: 'join', privateLinkServiceId: vaultId, groupIds: ['vault'] }] });
    await azure.create(types.privateDnsZoneGroup, { ...inside, privateEndpointName: 'join', privateDnsZoneGroupName: 'default', privateDnsZoneConfigs: [{ name: 'vault', privateDnsZoneId }] });
    expect(network().endpoints).toEqual(['10.20.0.4']);
    expect(network().names).not.toHaveProperty(['demo-join.vault.azure.net']);

    await azure.create(types.virtualNetworkLink, { ...inside, privateZoneName: 'privatelink.vaultcore.azure.net', virtualNetworkLinkName: 'network', location: 'Global', virtualNetwork: { id: azure.networkId } });

    expect(network().names['demo-join.vault.azure.net']).toEqual(['10.20.0.4']);
  });

  it('finds the vaults, the storage accounts and Resource Manager by their own names', () => {
    expect(network().services).toEqual(['management.azure.com', '.vault.azure.net', '.blob.core.windows.net']);
  });
});
