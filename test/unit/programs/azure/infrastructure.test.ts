import { beforeAll, describe, expect, it } from 'vitest';
import { costlyParts } from '../../../../model/cost.js';
import { tagKeys } from '../../../../model/names.js';
import { autoscalerTags } from '../../../../programs/azure/node-pools.js';
import { azureInputOf, specOf } from '../../../support/infrastructure-input.js';
import { declaredBy, inputsOf, physicalNameIn, type Declared } from './declared.js';

/** Types of the program that take no tags. */
const untaggable = new Set([
  'azure-native:authorization:RoleAssignment', 'azure-native:authorization:RoleDefinition', 'azure-native:managedidentity:FederatedIdentityCredential',
  'azure-native:network:PrivateDnsZoneGroup', 'azure-native:network:SecurityRule', 'azure-native:network:Subnet', 'azure-native:network:VirtualNetworkPeering',
  'azure-native:privatedns:PrivateRecordSet', 'azure-native:storage:BlobContainer', 'azure-native:storage:BlobServiceProperties', 'azure-native:storage:ManagementPolicy',
]);

/** The form of physical names, by type. https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const nameForms: readonly (readonly [type: string, form: RegExp])[] = [
  ['azure-native:keyvault:Vault', /^(?=.{3,24}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/], ['azure-native:storage:StorageAccount', /^[a-z0-9]{3,24}$/],
  ['azure-native:managedidentity:UserAssignedIdentity', /^[a-z][a-z0-9-]{2,127}$/], ['azure-native:compute:VirtualMachine', /^[a-z][a-z0-9-]{0,62}[a-z0-9]$/],
  ['azure-native:compute:VirtualMachineScaleSet', /^[a-z][a-z0-9-]{0,62}[a-z0-9]$/], ['azure-native:network:NetworkSecurityGroup', /^[a-z][a-z0-9-]{0,78}[a-z0-9]$/],
  ['azure-native:network:SecurityRule', /^[a-z][a-z0-9-]{0,78}[a-z0-9]$/], ['azure-native:authorization:RoleAssignment', /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/],
];

const cloud = (declared: readonly Declared[]): Declared[] => declared.filter(({ type }) => type.startsWith('azure-native:'));
const names = (declared: readonly Declared[], type: string): string[] => Object.keys(inputsOf(declared, type)).sort();
const tagsOf = ({ inputs }: Declared): Record<string, string> => (inputs['tags'] ?? {}) as Record<string, string>;
const azure = (template: string, patch: object = {}) => specOf(template, { provider: 'azure', ...patch });

const longestName = 'a'.repeat(24);
const gpuPool = { name: 'p'.repeat(12), machineType: 'Standard_D4s_v5', minNodes: 0, maxNodes: 4, labels: { 'example.com/tier_of': 'gpu' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] };

describe('azure infrastructure program', () => {
  // Each run takes the SDK a while, and one process can only do one at a time.
  let production: Declared[], development: Declared[], open: Declared[];
  beforeAll(async () => {
    production = await declaredBy(azureInputOf(await azure('production')));
    development = await declaredBy(azureInputOf(await azure('development')));
    open = await declaredBy(azureInputOf(await azure('production', { name: longestName, network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } }, nodePools: [gpuPool] })));
  }, 60_000);

  it('has one control plane more while an upgrade replaces them, and leads nobody to the one that is to go', async () => {
    const declared = await declaredBy(azureInputOf(await azure('production', { kubernetesVersion: '1.36' }), { rollout: { controlPlane: '1.36', pools: '1.35', surge: true }, leaving: 2 }));
    const pools = Object.fromEntries(Object.entries(inputsOf(declared, 'azure-native:network:NetworkInterface')).map(([name, { ipConfigurations }]) =>
      [name, (ipConfigurations as { loadBalancerBackendAddressPools: unknown[] }[])[0]?.loadBalancerBackendAddressPools.length]));

    expect(names(declared, 'azure-native:compute:VirtualMachine')).toEqual(['cp-1', 'cp-2', 'cp-3', 'cp-4']);
    expect(pools).toEqual({ 'cp-1': 1, 'cp-2': 0, 'cp-3': 1, 'cp-4': 1 });
  });

  it('tags everything that can be tagged, each part with a name of its own within its type', () => {
    const taggable = cloud(production).filter(({ type }) => !untaggable.has(type));
    for (const resource of taggable) {
      expect(tagsOf(resource), `${resource.type} ${resource.name}`).toMatchObject({
        [tagKeys.cluster]: 'payments-prod', [tagKeys.uid]: 'abc123def456', [tagKeys.installation]: '01JCINSTALLATION0000000000',
      });
      // https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
      for (const tag of Object.keys(tagsOf(resource))) expect(tag).not.toMatch(/[<>%&\\?/]/);
    }
    const parts = taggable.map((resource) => `${resource.type} ${tagsOf(resource)[tagKeys.resource] ?? ''}`);
    expect(parts.filter((part, index) => parts.indexOf(part) < index)).toEqual([]);
  });

  it('names everything itself, within Azure\'s forms for the longest names', () => {
    for (const { type, name, inputs } of cloud(open)) {
      // The zone of private endpoints has the name that Azure gives it.
      if (name !== 'zone-vault' && type !== 'azure-native:authorization:RoleDefinition') expect(physicalNameIn(inputs), `${type} ${name}`).toBeDefined();
    }
    for (const [type, form] of nameForms) for (const inputs of Object.values(inputsOf(open, type))) expect(physicalNameIn(inputs)).toMatch(form);
    const [pool] = Object.values(inputsOf(open, 'azure-native:compute:VirtualMachineScaleSet'));
    // Azure adds six characters, and a host's name has 63.
    expect(JSON.stringify(pool)).toContain(`"computerNamePrefix":"${longestName}-${'p'.repeat(12)}-"`);
    expect(longestName.length + 12 + 2 + 6).toBeLessThanOrEqual(63);
  });

  it('gives no machine a public address, an unencrypted disk or an unmeasured boot', () => {
    for (const declared of [production, development, open]) {
      expect(names(declared, 'azure-native:network:PublicIPAddress').filter((name) => !name.startsWith('nat-') && name !== 'api-public')).toEqual([]);
      const secure = { securityType: 'TrustedLaunch', encryptionAtHost: true, uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } };
      const osDisk = { deleteOption: 'Delete', managedDisk: { storageAccountType: 'Premium_LRS', diskEncryptionSet: { id: 'key-id' } } };
      for (const inputs of Object.values(inputsOf(declared, 'azure-native:compute:VirtualMachine'))) {
        expect(inputs).toMatchObject({
          securityProfile: secure,
          osProfile: { linuxConfiguration: { disablePasswordAuthentication: true } },
          storageProfile: { osDisk, dataDisks: [{ lun: 0, createOption: 'Attach', caching: 'None', deleteOption: 'Detach' }] },
          networkProfile: { networkInterfaces: [{ deleteOption: 'Delete' }] },
        });
        expect(JSON.stringify(inputs)).not.toMatch(/adminPassword|publicIPAddress/);
      }
      for (const inputs of Object.values(inputsOf(declared, 'azure-native:compute:VirtualMachineScaleSet'))) {
        expect(inputs).toMatchObject({ virtualMachineProfile: { securityProfile: secure, storageProfile: { osDisk }, osProfile: { linuxConfiguration: { disablePasswordAuthentication: true } } } });
        expect(JSON.stringify(inputs)).not.toMatch(/adminPassword|publicIPAddress/);
      }
    }
    for (const inputs of Object.values(inputsOf(production, 'azure-native:compute:Disk'))) {
      expect(inputs).toMatchObject({
        sku: { name: 'Premium_LRS' }, diskSizeGB: 64, networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled', encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: 'key-id' },
      });
    }
  });

  it('gives machines exactly one identity, so that the metadata service needs no client id', () => {
    for (const inputs of Object.values(inputsOf(production, 'azure-native:compute:VirtualMachine'))) expect(inputs['identity']).toEqual({ type: 'UserAssigned', userAssignedIdentities: ['control-plane-id'] });
    for (const inputs of Object.values(inputsOf(production, 'azure-native:compute:VirtualMachineScaleSet'))) expect(inputs['identity']).toEqual({ type: 'UserAssigned', userAssignedIdentities: ['worker-id'] });
  });

  it('gives no subnet a way out but NAT, and none without a security group', () => {
    for (const declared of [production, development]) {
      for (const inputs of Object.values(inputsOf(declared, 'azure-native:network:Subnet'))) {
        expect(inputs).toMatchObject({ defaultOutboundAccess: false, natGateway: { id: expect.stringMatching(/^nat-/) as string }, networkSecurityGroup: { id: expect.stringMatching(/^security-group-/) as string } });
      }
      for (const balancer of Object.values(inputsOf(declared, 'azure-native:network:LoadBalancer'))) expect(balancer).toMatchObject({ loadBalancingRules: [{ disableOutboundSnat: true }] });
    }
    expect(names(production, 'azure-native:network:NatGateway')).toEqual(['nat-1', 'nat-2']);
    expect(names(development, 'azure-native:network:NatGateway')).toEqual(['nat-1']);
  });

  it('closes the nodes\' vaults, and opens the provisioner\'s and the backups to the cluster and the worker alone', async () => {
    const declared = await declaredBy(azureInputOf(await azure('development'), { account: { ...azureInputOf(await azure('development')).account, workerCidrs: ['203.0.113.7/32', '198.51.100.0/24'] } }));
    const vaults = inputsOf(declared, 'azure-native:keyvault:Vault');
    for (const inputs of Object.values(vaults)) {
      expect(inputs).toMatchObject({ properties: { enableRbacAuthorization: true, enableSoftDelete: true, enablePurgeProtection: true, networkAcls: { defaultAction: 'Deny' } } });
    }
    for (const set of ['control-plane', 'join', 'applications']) expect(vaults[`vault-${set}`]).toMatchObject({ properties: { publicNetworkAccess: 'Disabled', networkAcls: { ipRules: [], virtualNetworkRules: [] } } });
    expect(vaults['vault-provisioner']).toMatchObject({
      properties: { publicNetworkAccess: 'Enabled', networkAcls: { bypass: 'None', ipRules: [{ value: '203.0.113.7/32' }, { value: '198.51.100.0/24' }], virtualNetworkRules: [{ id: 'subnet-control-plane-id' }] } },
    });
    expect(names(declared, 'azure-native:network:PrivateEndpoint')).toEqual(['endpoint-vault-control-plane', 'endpoint-vault-join']);
    expect(names(production, 'azure-native:network:PrivateEndpoint')).toEqual(['endpoint-vault-applications', 'endpoint-vault-control-plane', 'endpoint-vault-join']);

    const accounts = inputsOf(declared, 'azure-native:storage:StorageAccount');
    for (const inputs of Object.values(accounts)) expect(inputs).toMatchObject({ minimumTlsVersion: 'TLS1_2', enableHttpsTrafficOnly: true, allowCrossTenantReplication: false });
    expect(accounts['backups']).toMatchObject({
      allowBlobPublicAccess: false, allowSharedKeyAccess: false,
      networkRuleSet: { defaultAction: 'Deny', ipRules: [{ iPAddressOrRange: '203.0.113.7' }, { iPAddressOrRange: '198.51.100.0/24' }] },
    });
    expect(accounts['issuer']).toMatchObject({ allowBlobPublicAccess: true, allowSharedKeyAccess: false });
    expect(inputsOf(declared, 'azure-native:storage:BlobContainer')).toMatchObject({ backups: { publicAccess: 'None' }, issuer: { publicAccess: 'Blob' } });
  });

  it('shows the autoscaler its pools, and what nodes will look like', () => {
    const pool = open.find(({ type }) => type === 'azure-native:compute:VirtualMachineScaleSet');
    expect(pool?.inputs).toMatchObject({ sku: { capacity: 0 }, orchestrationMode: 'Uniform', overprovision: false, upgradePolicy: { mode: 'Manual' }, zones: ['1', '2', '3'] });
    expect(pool && tagsOf(pool)).toMatchObject({
      'cluster-autoscaler-enabled': 'true',
      'cluster-autoscaler-name': longestName,
      min: '0',
      max: '4',
      'k8s.io_cluster-autoscaler_node-template_label_example.com_tier~2of': 'gpu',
      'k8s.io_cluster-autoscaler_node-template_taint_gpu': 'yes:NoSchedule',
    });
  });

  it('changes nothing of a pool but its tags when its bounds change', async () => {
    const [pool] = (await azure('production')).nodePools;
    if (!pool) throw new Error('production has a pool');
    const differing = Object.entries(autoscalerTags('payments-prod', { ...pool, minNodes: 5, maxNodes: 50 })).filter(([key, value]) => autoscalerTags('payments-prod', pool)[key] !== value);
    expect(differing).toEqual([['min', '5'], ['max', '50']]);
  });

  it('spreads five control planes over three zones with addresses of their own', async () => {
    const declared = await declaredBy(azureInputOf(await azure('hardened')));
    expect(Object.values(inputsOf(declared, 'azure-native:compute:VirtualMachine')).map(({ zones }) => (zones as string[]).join())).toEqual(['1', '2', '3', '1', '2']);
    const addresses = Object.values(inputsOf(declared, 'azure-native:network:NetworkInterface')).map(({ ipConfigurations }) => (ipConfigurations as { privateIPAddress: string }[])[0]?.privateIPAddress);
    expect(addresses).toEqual(['10.20.128.16', '10.20.128.17', '10.20.128.18', '10.20.128.19', '10.20.128.20']);
    expect(inputsOf(declared, 'azure-native:network:FlowLog')['flow-logs']).toMatchObject({ enabled: true, targetResourceId: 'network-id', retentionPolicy: { enabled: true, days: 365 } });
  });

  it('makes as many of what costs money as plans count', async () => {
    for (const [declared, spec] of [[production, await specOf('production', { provider: 'azure' })], [development, await specOf('development', { provider: 'azure' })]] as const) {
      const count = (what: string) => costlyParts(spec, 'minNodes').find((part) => part.what.startsWith(what))?.count ?? 0;
      expect(names(declared, 'azure-native:network:NatGateway')).toHaveLength(count('NAT gateways'));
      expect(names(declared, 'azure-native:compute:VirtualMachine')).toHaveLength(count('control planes'));
      expect(names(declared, 'azure-native:compute:Disk')).toHaveLength(count('etcd disks'));
      expect(names(declared, 'azure-native:network:PrivateEndpoint')).toHaveLength(count('private endpoints'));
      expect(names(declared, 'azure-native:privatedns:PrivateZone')).toHaveLength(count('private DNS zones'));
      // The ingress's own is made by the cluster.
      expect(names(declared, 'azure-native:network:LoadBalancer')).toHaveLength(count('load balancers') - Number(spec.platform.ingress !== 'none'));
    }
  });

  it('has a public load balancer only where the spec says so, beside the internal one', () => {
    expect(names(production, 'azure-native:network:LoadBalancer')).toEqual(['api']);
    expect(inputsOf(production, 'azure-native:network:LoadBalancer')['api']).toMatchObject({
      sku: { name: 'Standard' },
      frontendIPConfigurations: [{ subnet: { id: 'subnet-control-plane-id' }, privateIPAllocationMethod: 'Dynamic' }],
      probes: [{ protocol: 'Https', port: 6443, requestPath: '/readyz' }],
    });
    expect(names(open, 'azure-native:network:LoadBalancer')).toEqual(['api', 'api-public']);
    const [card] = Object.values(inputsOf(open, 'azure-native:network:NetworkInterface'));
    expect(JSON.stringify(card)).toContain('api-public-id/backendAddressPools/control-plane');
    expect(inputsOf(production, 'azure-native:privatedns:PrivateRecordSet')['api']).toMatchObject({ relativeRecordSetName: 'api', aRecords: [{ ipv4Address: '10.20.128.4' }] });
  });

  it('gives add-ons identities only with workload identity, and only those that the platform has', async () => {
    const addons = (declared: readonly Declared[]) => names(declared, 'azure-native:managedidentity:UserAssignedIdentity').filter((name) => name.startsWith('addon-'));
    expect(addons(development)).toEqual(['addon-cloud-controller-manager', 'addon-disk-csi']);
    expect(names(development, 'azure-native:authorization:RoleDefinition')).not.toContain('role-object-keeper');
    expect(Object.values(inputsOf(production, 'azure-native:managedidentity:FederatedIdentityCredential')).map(({ issuer }) => issuer)).toEqual(addons(production).map(() => 'https://paymentsprodabc123issuer.blob.core.windows.net/issuer'));

    // A request cannot ask for it yet; the program is ready for it.
    const spec = await azure('development');
    const without = await declaredBy(azureInputOf({ ...spec, network: { ...spec.network, workloadIdentity: false } }));
    expect(addons(without)).toEqual([]);
    expect(names(without, 'azure-native:storage:StorageAccount')).toEqual(['backups', 'flow-logs']);
    const rights = (declared: readonly Declared[], principal: string) => Object.entries(inputsOf(declared, 'azure-native:authorization:RoleAssignment')).filter(([, { principalId }]) => principalId === principal).map(([name]) => name);
    expect(rights(without, 'control-plane-principal')).toEqual(expect.arrayContaining(['control-plane-disk-csi-disks', 'addon-disk-csi-attach-general']));
    expect(rights(development, 'control-plane-principal').filter((name) => name.includes('disk'))).toEqual([]);
  });

  it('lets external-dns into the zones of the spec, which lie outside of the cluster\'s group, by roles that can be given there', async () => {
    const names = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/names';
    const zone = `${names}/providers/Microsoft.Network/dnsZones/example.com`;
    const named = await declaredBy(azureInputOf(await azure('production', { platform: { dns: 'external-dns' }, dns: { zones: [zone] } })));
    const outside = Object.entries(inputsOf(named, 'azure-native:authorization:RoleAssignment')).filter(([, { scope }]) => String(scope).startsWith(names)).map(([name, { scope }]) => [name, scope]);
    expect(outside).toEqual([['addon-external-dns-zones', names], ['addon-external-dns-records-example.com', zone]]);
    const definitions = Object.entries(inputsOf(named, 'azure-native:authorization:RoleDefinition')).filter(([, { assignableScopes }]) => (assignableScopes as string[]).includes(names)).map(([name]) => name);
    expect(definitions).toEqual(['role-zone-lister', 'role-record-keeper']);
    expect(Object.keys(inputsOf(production, 'azure-native:authorization:RoleDefinition')).filter((name) => definitions.includes(name))).toEqual([]);
  });

  it('takes nothing secret: no password, no key of an account, no client secret', () => {
    expect(JSON.stringify([...production, ...open])).not.toMatch(/adminPassword|clientSecret|accountKey|connectionString/i);
  });
});
