import { RoleAssignment } from '@pulumi/azure-native/authorization/roleAssignment.js';
import { getClientConfigOutput } from '@pulumi/azure-native/authorization/getClientConfig.js';
import { VirtualMachine } from '@pulumi/azure-native/compute/virtualMachine.js';
import { VirtualMachineScaleSet } from '@pulumi/azure-native/compute/virtualMachineScaleSet.js';
import { Vault } from '@pulumi/azure-native/keyvault/vault.js';
import { UserAssignedIdentity } from '@pulumi/azure-native/managedidentity/userAssignedIdentity.js';
import { LoadBalancer } from '@pulumi/azure-native/network/loadBalancer.js';
import { NetworkInterface } from '@pulumi/azure-native/network/networkInterface.js';
import { NetworkSecurityGroup } from '@pulumi/azure-native/network/networkSecurityGroup.js';
import { SecurityRule } from '@pulumi/azure-native/network/securityRule.js';
import { Subnet } from '@pulumi/azure-native/network/subnet.js';
import { VirtualNetwork } from '@pulumi/azure-native/network/virtualNetwork.js';
import { Provider } from '@pulumi/azure-native/provider.js';
import { ResourceGroup } from '@pulumi/azure-native/resources/resourceGroup.js';
import * as pulumi from '@pulumi/pulumi';

/** What a test changes from one operation to the next. */
export interface Knobs {
  readonly cluster: string;
  readonly subscriptionId: string;
  readonly port: string;
  readonly identity: string;
  readonly capacity: number;
  /** Planted into the custom data as a secret. */
  readonly secret: string;
}

export const knobs: Knobs = { cluster: 'demo', subscriptionId: '5ab5c0de-0000-4000-8000-000000000001', port: '6443', identity: 'control-plane', capacity: 2, secret: 'planted-custom-data' };

const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';

/** A small cluster: a network, one machine behind a load balancer, a scale set, and a vault that the machine's identity may read. */
export function azureProgram({ cluster, subscriptionId, port, identity, capacity, secret }: Knobs): () => Promise<Record<string, unknown>> {
  return () => {
    const options = { provider: new Provider('azure', { subscriptionId, tenantId: '7e4a4700-0000-4000-8000-000000000001' }) };
    const tags = (resource: string) => ({ tags: { 'clusterwright:cluster': cluster, 'clusterwright:uid': 'abc123def456', 'clusterwright:resource': resource } });
    const group = new ResourceGroup('group', { resourceGroupName: `${cluster}-group`, location: 'westeurope', ...tags('group') }, options);
    const place = { resourceGroupName: group.name, location: 'westeurope' };
    const network = new VirtualNetwork('network', { ...place, virtualNetworkName: `${cluster}-network`, addressSpace: { addressPrefixes: ['10.20.0.0/16'] }, ...tags('network') }, options);
    const security = new NetworkSecurityGroup('nodes', { ...place, networkSecurityGroupName: 'nodes', ...tags('nodes') }, options);
    new SecurityRule('api', {
      resourceGroupName: group.name, networkSecurityGroupName: security.name, securityRuleName: 'api', priority: 100, direction: 'Inbound', access: 'Allow', protocol: 'Tcp',
      sourcePortRange: '*', sourceAddressPrefix: '10.20.0.0/16', destinationPortRange: port, destinationAddressPrefix: '*',
    }, options);
    const subnet = new Subnet('nodes', { resourceGroupName: group.name, virtualNetworkName: network.name, subnetName: 'nodes', addressPrefix: '10.20.0.0/24', networkSecurityGroup: { id: security.id } }, options);
    const part = (list: string, name: string) => ({ id: pulumi.interpolate`${group.id}/providers/Microsoft.Network/loadBalancers/api/${list}/${name}` });
    const balancer = new LoadBalancer('api', {
      ...place,
      loadBalancerName: 'api',
      sku: { name: 'Standard' },
      frontendIPConfigurations: [{ name: 'api', subnet: { id: subnet.id }, privateIPAllocationMethod: 'Dynamic' }],
      backendAddressPools: [{ name: 'control-plane' }],
      loadBalancingRules: [{ name: 'api', protocol: 'Tcp', frontendPort: 6443, backendPort: 6443, frontendIPConfiguration: part('frontendIPConfigurations', 'api'), backendAddressPool: part('backendAddressPools', 'control-plane') }],
      ...tags('api'),
    }, options);
    const card = new NetworkInterface('cp-1', {
      ...place, networkInterfaceName: 'cp-1', ipConfigurations: [{ name: 'primary', subnet: { id: subnet.id }, loadBalancerBackendAddressPools: [{ id: balancer.backendAddressPools.apply((pools) => pools?.[0]?.id ?? '') }] }], ...tags('cp-1'),
    }, options);
    const own = new UserAssignedIdentity('identity', { ...place, resourceName: identity, ...tags('identity') }, options);
    const imageReference = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' };
    const linux = { adminUsername: 'clusterwright', customData: pulumi.secret(Buffer.from(secret).toString('base64')), linuxConfiguration: { ssh: { publicKeys: [{ keyData: 'ssh-ed25519 AAAA', path: '/home/clusterwright/.ssh/authorized_keys' }] } } };
    const machine = new VirtualMachine('cp-1', {
      ...place,
      vmName: `${cluster}-cp-1`,
      zones: ['1'],
      hardwareProfile: { vmSize: 'Standard_D4s_v5' },
      identity: { type: 'UserAssigned', userAssignedIdentities: [own.id] },
      osProfile: { computerName: `${cluster}-cp-1`, ...linux },
      storageProfile: { imageReference, osDisk: { createOption: 'FromImage', deleteOption: 'Delete', name: 'cp-1-root' } },
      networkProfile: { networkInterfaces: [{ id: card.id, deleteOption: 'Delete' }] },
      ...tags('cp-1'),
    }, options);
    new VirtualMachineScaleSet('pool', {
      ...place,
      vmScaleSetName: 'general',
      zones: ['1', '2', '3'],
      sku: { name: 'Standard_D4s_v5', capacity },
      overprovision: false,
      upgradePolicy: { mode: 'Manual' },
      virtualMachineProfile: {
        osProfile: { computerNamePrefix: `${cluster}-general-`, ...linux },
        storageProfile: { imageReference, osDisk: { createOption: 'FromImage' } },
        networkProfile: { networkInterfaceConfigurations: [{ name: 'primary', primary: true, ipConfigurations: [{ name: 'primary', subnet: { id: subnet.id } }] }] },
      },
      ...tags('pool-general'),
    }, options);
    const { tenantId } = getClientConfigOutput(options);
    const vault = new Vault('vault', { ...place, vaultName: `${cluster}-vault`, properties: { tenantId, sku: { family: 'A', name: 'standard' }, enablePurgeProtection: true, softDeleteRetentionInDays: 7 }, ...tags('vault') }, options);
    new RoleAssignment('reads', {
      scope: vault.id, principalId: own.principalId, principalType: 'ServicePrincipal', roleAssignmentName: '00000000-0000-4000-8000-000000000001',
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
    }, options);
    return Promise.resolve({ address: balancer.frontendIPConfigurations.apply((frontends) => frontends?.[0]?.privateIPAddress), machineId: machine.id });
  };
}
