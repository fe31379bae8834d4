import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openAzure } from './azure-in-memory.js';
import { group, inside, openGround, place, subnet, tags } from './azure-ground.js';

let azure: Awaited<ReturnType<typeof openGround>>;
beforeEach(async () => {
  azure = await openGround();
});
afterEach(() => azure.close());

const tenantId = '7e4a4700-0000-4000-8000-000000000001';
const builtIn = (id: string) => `/subscriptions/5ab5c0de-0000-4000-8000-000000000001/providers/Microsoft.Authorization/roleDefinitions/${id}`;
const secretsUser = builtIn('4633458b-17de-408a-b874-0445c86b69e6');
const guid = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

describe('azure identities', () => {
  it('have principal and client, by which roles are given', async () => {
    const { outputs } = await azure.create(types.userAssignedIdentity, { ...place, resourceName: 'worker' });
    const guids = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    expect(outputs).toMatchObject({ tenantId, principalId: expect.stringMatching(guids) as string, clientId: expect.stringMatching(guids) as string });
  });

  it('trust one subject once, and are written one after the other', async () => {
    const slow = await openGround({ latency: 0.01 });
    await slow.create(types.userAssignedIdentity, { ...place, resourceName: 'addon' });
    const credential = (name: string, more: PropertyMap = {}) =>
      slow.create(types.federatedCredential, { ...inside, resourceName: 'addon', federatedIdentityCredentialResourceName: name, issuer: 'https://issuer.example', subject: 'system:serviceaccount:a:b', audiences: ['api://AzureADTokenExchange'], ...more });
    await expect(Promise.all([credential('one'), credential('two', { subject: 'system:serviceaccount:a:c' })])).rejects.toThrow(/ConcurrentFederatedIdentityCredentialsWrites/);
    await slow.sandbox.clock.until(slow.sandbox.clock.now() + 30);
    await expect(credential('twin')).rejects.toThrow(/Status=409 Code="Conflict"/);
    await expect(credential('plain', { issuer: 'http://issuer.example' })).rejects.toThrow(/https URL/);
    await slow.close();
  });
});

describe('azure roles', () => {
  const role = (roleName: string, digit: number, more: PropertyMap = {}) =>
    azure.create(types.roleDefinition, { roleDefinitionId: guid(digit), scope: group, roleName, assignableScopes: [group], permissions: [{ actions: ['Microsoft.Compute/disks/read'], dataActions: [], notActions: [], notDataActions: [] }], ...more });
  const assign = async (digit: number, roleDefinitionId: string, more: PropertyMap = {}) => {
    const existing = azure.sandbox.inventory.ofType(types.userAssignedIdentity)[0];
    const { outputs } = existing ?? (await azure.create(types.userAssignedIdentity, { ...place, resourceName: 'worker' }));
    return azure.create(types.roleAssignment, { roleAssignmentName: guid(digit), scope: group, principalId: outputs['principalId'] ?? '', principalType: 'ServicePrincipal', roleDefinitionId, ...more });
  };

  it('have a name of their own in the directory, and belong to the cluster of their scope', async () => {
    const { id } = await role('demo disks', 1);
    expect(id).toBe(`${group}/providers/Microsoft.Authorization/roleDefinitions/${guid(1)}`);
    expect(azure.sandbox.inventory.get(types.roleDefinition, id)).toMatchObject({ cluster: 'demo', uid: 'abc123def456' });
    await expect(role('Demo Disks', 2)).rejects.toThrow(/RoleDefinitionWithSameNameExists/);
    await expect(role('x', 3, { permissions: [{ actions: ['read everything'] }] })).rejects.toThrow(/does not match any of the actions/);
  });

  it('are given to principals that exist, once, where they can be given', async () => {
    const { id } = await role('demo disks', 1);
    await assign(2, id);
    await expect(assign(3, id)).rejects.toThrow(/Status=409 Code="RoleAssignmentExists"/);
    await expect(assign(4, secretsUser, { principalId: guid(9) })).rejects.toThrow(/PrincipalNotFound/);
    await expect(assign(4, builtIn(guid(9)))).rejects.toThrow(/RoleDefinitionDoesNotExist/);
    await expect(assign(4, id, { scope: '/subscriptions/5ab5c0de-0000-4000-8000-000000000001' })).rejects.toThrow(/RoleDefinitionNotAssignableAtScope/);
    await expect(assign(4, secretsUser, { scope: `${group}/providers/Microsoft.KeyVault/vaults/none` })).rejects.toThrow(/ResourceNotFound/);
    await expect(azure.delete(types.roleDefinition, id)).rejects.toThrow(/RoleDefinitionHasAssignments/);
  });

  it('are not changed once they are given', async () => {
    const { id, inputs } = await assign(2, secretsUser);
    await expect(azure.update(types.roleAssignment, id, { ...inputs, roleDefinitionId: builtIn('acdd72a7-3385-48ef-bd42-f606fba81ae7') })).rejects.toThrow(/RoleAssignmentUpdateNotPermitted/);
    expect([...(await azure.diff(types.roleAssignment, inputs, { ...inputs, principalId: guid(9) })).differences]).toEqual([['principalId', 'update-replace']]);
  });

  it('go with what they are given on', async () => {
    const { id } = await assign(2, secretsUser);
    await azure.delete(types.resourceGroup, group);
    expect(azure.sandbox.inventory.get(types.roleAssignment, id)).toBeUndefined();
  });
});

describe('azure key vault', () => {
  const properties: PropertyMap = { tenantId, sku: { family: 'A', name: 'standard' }, enablePurgeProtection: true, softDeleteRetentionInDays: 30 };
  const vault = (vaultName: string, more: PropertyMap = {}) => azure.create(types.vault, { ...place, vaultName, properties: { ...properties, ...more }, tags });
  const key = (vaultName: string) => azure.create(types.key, { ...inside, vaultName, keyName: 'disks', properties: { kty: 'RSA', keySize: 3072 } });

  it.each(['ab', '1vault', 'two--hyphens', 'ends-', 'x'.repeat(25)])('refuses the name %s', (name) => expect(vault(name)).rejects.toThrow(/vaultName/));

  it('keeps its name until its retention is over', async () => {
    const { id } = await vault('demo-cp');
    await expect(azure.create(types.vault, { ...place, resourceGroupName: 'worker', vaultName: 'demo-cp', properties })).rejects.toThrow(/VaultAlreadyExists/);
    await azure.delete(types.vault, id);
    expect(azure.sandbox.inventory.kept('demo')).toMatchObject([{ id: '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/demo-cp', type: types.vault, reason: 'reserved-name' }]);
    await expect(vault('demo-cp')).rejects.toThrow(/Status=409 Code="ConflictError".*deleted state/);
    azure.sandbox.clock.advance(30 * 86_400);
    expect(azure.sandbox.inventory.kept('demo')).toEqual([]);
    await vault('demo-cp');
  });

  it('never gives up purge protection, soft delete or their time', async () => {
    await expect(vault('demo-cp', { enablePurgeProtection: false })).rejects.toThrow(/cannot be set to false/);
    const { id, inputs } = await vault('demo-cp');
    await expect(azure.update(types.vault, id, { ...inputs, properties: { ...properties, softDeleteRetentionInDays: 7 } })).rejects.toThrow(/has been set already/);
  });

  it('lets in only subnets that have its service endpoint', async () => {
    const rules = (id: string) => ({ networkAcls: { defaultAction: 'Deny', bypass: 'None', virtualNetworkRules: [{ id }] } });
    await expect(vault('demo-cp', rules(azure.subnetId))).rejects.toThrow(/do not have ServiceEndpoints for Microsoft\.KeyVault/);
    const { id } = await azure.create(types.subnet, subnet('open', '10.20.1.0/24', { serviceEndpoints: [{ service: 'Microsoft.KeyVault' }] }));
    await vault('demo-cp', rules(id));
  });

  it('keeps a deleted key, whose name is taken, and lets none be deleted through a closed door', async () => {
    const { id: vaultId, inputs } = await vault('demo-cp');
    const { id, outputs } = await key('demo-cp');
    expect(outputs['keyUriWithVersion']).toMatch(/^https:\/\/demo-cp\.vault\.azure\.net\/keys\/disks\/[0-9a-f]{32}$/);
    await azure.update(types.vault, vaultId, { ...inputs, properties: { ...properties, publicNetworkAccess: 'Disabled' } });
    await expect(azure.delete(types.key, id)).rejects.toThrow(/Status=403 Code="ForbiddenByConnection"/);
    await azure.update(types.vault, vaultId, inputs);
    await azure.delete(types.key, id);
    expect(azure.sandbox.inventory.kept('demo')).toMatchObject([{ type: types.key, reason: 'pending-deletion' }]);
    await expect(key('demo-cp')).rejects.toThrow(/deleted but recoverable state/);
  });

  it('is reached through a private endpoint, with interface and record, that goes with all of it', async () => {
    const { id: vaultId } = await vault('demo-cp', { publicNetworkAccess: 'Disabled' });
    const { id: zoneId } = await azure.create(types.privateZone, { ...inside, location: 'Global', privateZoneName: 'privatelink.vaultcore.azure.net' });
    const endpoint = { ...place, privateEndpointName: 'vault', customNetworkInterfaceName: 'vault-nic', subnet: { id: azure.subnetId } };
    await expect(azure.create(types.privateEndpoint, { ...endpoint, privateLinkServiceConnections: [{ name: 'vault', privateLinkServiceId: vaultId, groupIds: ['blob'] }] })).rejects.toThrow(/Group Id blob is not supported/);
    const { id } = await azure.create(types.privateEndpoint, { ...endpoint, privateLinkServiceConnections: [{ name: 'vault', privateLinkServiceId: vaultId, groupIds: ['vault'] }] });
    await azure.create(types.privateDnsZoneGroup, { ...inside, privateEndpointName: 'vault', privateDnsZoneGroupName: 'default', privateDnsZoneConfigs: [{ name: 'vault', privateDnsZoneId: zoneId }] });
    const [inventory, record] = [azure.sandbox.inventory, `${zoneId}/A/demo-cp`];
    expect(inventory.get(types.privateRecordSet, record)?.outputs['aRecords']).toEqual([{ ipv4Address: '10.20.0.4' }]);
    expect(inventory.ofType(types.networkInterface)).toMatchObject([{ id: `${group}/providers/Microsoft.Network/networkInterfaces/vault-nic`, cluster: 'demo' }]);
    await expect(azure.delete(types.subnet, azure.subnetId)).rejects.toThrow(/InUseSubnetCannotBeDeleted/);
    await azure.delete(types.privateEndpoint, id);
    expect([...inventory.ofType(types.networkInterface), ...inventory.ofType(types.privateRecordSet)]).toEqual([]);
  });
});

describe('azure storage', () => {
  const account = (accountName: string, more: PropertyMap = {}) => azure.create(types.storageAccount, { ...place, accountName, kind: 'StorageV2', sku: { name: 'Standard_ZRS' }, ...more });
  const container = (publicAccess: string) => azure.create(types.blobContainer, { ...inside, accountName: 'demobackups', containerName: 'cluster', publicAccess });

  it.each(['ab', 'Upper', 'with-hyphen', 'x'.repeat(25)])('refuses the name %s', (name) => expect(account(name)).rejects.toThrow(/accountName/));

  it('has names of its own in the world, free again after a deletion', async () => {
    const { id, outputs } = await account('demobackups');
    expect(outputs['primaryEndpoints']).toMatchObject({ blob: 'https://demobackups.blob.core.windows.net/' });
    await expect(account('demobackups', { resourceGroupName: 'worker' })).rejects.toThrow(/Status=409 Code="StorageAccountAlreadyTaken"/);
    await azure.delete(types.storageAccount, id);
    await account('demobackups', { resourceGroupName: 'worker' });
  });

  it('opens containers to the public only where the account lets it', async () => {
    const { id, inputs } = await account('demobackups');
    await expect(container('Blob')).rejects.toThrow(/PublicAccessNotPermitted/);
    await azure.update(types.storageAccount, id, { ...inputs, allowBlobPublicAccess: true });
    expect((await container('Blob')).id).toBe(`${id}/blobServices/default/containers/cluster`);
  });

  it('has firewall rules in Azure\'s own form, and infrastructure encryption from the start or never', async () => {
    await expect(account('demobackups', { networkRuleSet: { defaultAction: 'Deny', ipRules: [{ iPAddressOrRange: '203.0.113.7/32' }] } })).rejects.toThrow(/without \/32/);
    const { id, inputs } = await account('demobackups');
    await expect(azure.update(types.storageAccount, id, { ...inputs, encryption: { keySource: 'Microsoft.Storage', requireInfrastructureEncryption: true } })).rejects.toThrow(/InfrastructureEncryptionUpdateNotAllowed/);
  });

  it('has policies with actions', async () => {
    await account('demobackups');
    const policy = (actions: PropertyMap) => azure.create(types.managementPolicy, { ...inside, accountName: 'demobackups', managementPolicyName: 'default', policy: { rules: [{ name: 'old', type: 'Lifecycle', definition: { actions, filters: { blobTypes: ['blockBlob'] } } }] } });
    await expect(policy({})).rejects.toThrow(/rule old has no action/);
    await policy({ baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } });
  });
});

describe('azure provider', () => {
  it('refuses a subscription and a directory that are not the sandbox\'s', async () => {
    await expect(openAzure({ args: { subscriptionId: guid(1) } })).rejects.toThrow(/SubscriptionNotFound/);
    await expect(openAzure({ args: { tenantId: guid(1) } })).rejects.toThrow(/AADSTS90002/);
  });

  it('tells who it is, and refuses functions and types that it does not know', async () => {
    const signal = new AbortController().signal;
    const token = 'azure-native:authorization:getClientConfig';
    expect((await azure.session.invoke({ token, args: {}, signal })).outputs).toMatchObject({ tenantId, subscriptionId: '5ab5c0de-0000-4000-8000-000000000001' });
    await expect(async () => azure.session.invoke({ token: 'azure-native:network:getSubnet', args: {}, signal })).rejects.toThrow(/does not imitate function/);
    await expect(async () => azure.create('azure-native:web:WebApp', {})).rejects.toThrow(/does not imitate resource type/);
  });
});
