import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { azureBackupContainer, azureStorageAccount, azureVaultName } from '../../../model/clouds/azure.js';
import { clusterTags, physicalName } from '../../../model/names.js';
import { nodeStepKey } from '../../../model/rendezvous.js';
import { serviceIdentity, subscriptionId } from '../../../sandbox/azure/cloud.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import { admitNew } from '../../../sandbox/azure/lifecycle.js';
import { resourceType } from '../../../sandbox/azure/types/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { AzureCloud } from '../../../worker/cloud/azure/index.js';
import type { ClusterScope } from '../../../worker/cloud/index.js';
import { azureSandboxAccount, specOf } from '../../support/infrastructure-input.js';

const cluster = { name: 'pay', uid: 'u1b2c3d4e5f6' };
const region = 'westeurope';
const group = `/subscriptions/${subscriptionId}/resourceGroups/${physicalName(cluster, 'group')}`;
const place = { resourceGroupName: physicalName(cluster, 'group'), location: region };
const tags = (part: string) => clusterTags({ ...cluster, installation: 'i1' }, part);
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';
const blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1';

/** Where tokens come from: the library asks one place as long as its process lives. */
let directory: Running;
let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let cloud: AzureCloud;
let vault: Item;
let container: Item;
const before = { ...process.env };

const make = (token: string, inputs: PropertyMap): Item => admitNew(azure.cloud, resourceType(token), region, inputs);
const grant = (scope: string, role: string, condition?: string): Item => make(tokens.roleAssignment, {
  roleAssignmentName: crypto.randomUUID(), scope, principalId: serviceIdentity.objectId, principalType: 'ServicePrincipal',
  roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`, ...(condition === undefined ? {} : { condition, conditionVersion: '2.0' }),
});
const scope = (known: readonly string[] = []): ClusterScope => ({ ...cluster, known: new Set(known) });
const kinds = (found: readonly { kind: string }[]): string[] => found.map(({ kind }) => kind.slice(kind.lastIndexOf(':') + 1)).sort();

interface Running { readonly home: string; readonly sandbox: Sandbox; readonly azure: AzurePart }
const start = async (): Promise<Running> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'azure-'));
  const opened = await openSandbox(folder, 0);
  return { home: folder, sandbox: opened, azure: await startAzure(opened) };
};
const stop = async (running: Running): Promise<void> => {
  await running.azure.close();
  await running.sandbox.journal.close();
  await rm(running.home, { recursive: true });
};

beforeAll(async () => {
  directory = await start();
  Object.assign(process.env, directory.azure.environment);
});
afterAll(async () => {
  await stop(directory);
  process.env = before;
});
beforeEach(async () => {
  ({ home, sandbox, azure } = await start());
  process.env['AZURE_ENDPOINT_URL'] = azure.endpoint;
  cloud = new AzureCloud({ ...cluster, region }, azureSandboxAccount);
  make(tokens.resourceGroup, { ...place, tags: tags('group') });
  const open = { bypass: 'None', defaultAction: 'Deny' };
  vault = make(tokens.vault, {
    ...place, vaultName: azureVaultName(cluster, 'provisioner'), tags: tags('vault-provisioner'),
    properties: {
      tenantId: azureSandboxAccount.tenantId, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true, enablePurgeProtection: true, softDeleteRetentionInDays: 30,
      publicNetworkAccess: 'Enabled', networkAcls: { ...open, ipRules: [{ value: '203.0.113.10/32' }] },
    },
  });
  const accountName = azureStorageAccount(cluster, 'backups');
  make(tokens.storageAccount, { ...place, accountName, kind: 'StorageV2', sku: { name: 'Standard_ZRS' }, allowBlobPublicAccess: false, networkRuleSet: { ...open, ipRules: [{ iPAddressOrRange: '203.0.113.10', action: 'Allow' }] }, tags: tags('backups') });
  container = make(tokens.blobContainer, { resourceGroupName: place.resourceGroupName, accountName, containerName: azureBackupContainer, publicAccess: 'None' });
});
afterEach(() => stop({ home, sandbox, azure }));

describe('the account on Azure', () => {
  it('is checked: subscription and tenant', async () => {
    await expect(cloud.checkIdentity()).resolves.toBeUndefined();
    const elsewhere = new AzureCloud({ ...cluster, region }, { ...azureSandboxAccount, tenantId: '11111111-1111-4111-8111-111111111111' });
    await expect(elsewhere.checkIdentity()).rejects.toMatchObject({ code: 'cloud-credentials' });
    const unknown = new AzureCloud({ ...cluster, region }, { ...azureSandboxAccount, subscriptionId: '22222222-2222-4222-8222-222222222222' });
    await expect(unknown.checkIdentity()).rejects.toMatchObject({ code: 'cloud-credentials' });
  });

  it('must have the vCPUs left that the cluster starts with', async () => {
    const pools = (minNodes: number) => ({ provider: 'azure', region, nodePools: [{ name: 'general', machineType: 'Standard_D16s_v5', minNodes, maxNodes: 100 }] });
    await expect(cloud.checkQuotas(await specOf('development', pools(1)))).resolves.toBeUndefined();
    await expect(cloud.checkQuotas(await specOf('development', pools(90)))).rejects.toMatchObject({ code: 'quota-exceeded', resource: 'standardDSv5Family' });
  });

  it('tells in which zones it offers machine types', async () => {
    expect(await cloud.offers(['Standard_D4s_v5', 'Standard_M1'])).toEqual(new Map([['Standard_D4s_v5', new Set(['1', '2', '3'].map((zone) => `${region}-${zone}`))], ['Standard_M1', new Set()]]));
  });

  it('tells which image machines are made from now, and its day', async () => {
    expect(await cloud.images()).toEqual({ current: '24.04.202611030', of: new Map() });
    sandbox.ubuntu.publish();
    const { current } = await cloud.images();

    expect(current).not.toBe('24.04.202611030');
    expect([...(await cloud.imageDates(['24.04.202611030', '24.04.1'])).entries()]).toEqual([['24.04.202611030', '2026-11-03T00:00:00.000Z']]);
  });

  it('is asked again where it throttles, when it says', async () => {
    sandbox.faults.add({ type: 'management:GET', kind: 'throttle', times: 1 });
    await expect(cloud.checkIdentity()).resolves.toBeUndefined();
  });
});

describe('what nodes publish on Azure', () => {
  it('is read from the vault of the provisioner once the worker may', async () => {
    azure.secrets.set(vault.id, 'ca', 'PEM');
    // Assignments take a while to be seen: until then there is nothing.
    expect(await cloud.secrets()).toEqual({ certificateAuthority: undefined, endpoint: undefined, provisioner: undefined });

    grant(vault.id, secretsUser);
    azure.secrets.set(vault.id, 'endpoint', 'api.pay.clusterwright.internal:6443');
    azure.secrets.set(vault.id, 'client', JSON.stringify({ certificate: 'c', key: 'k', notAfter: '2026-11-22T00:00:00.000Z' }));

    expect(await cloud.secrets()).toEqual({ certificateAuthority: 'PEM', endpoint: 'api.pay.clusterwright.internal:6443', provisioner: { certificate: 'c', key: 'k', notAfter: '2026-11-22T00:00:00.000Z' } });
  });

  it('says so where the firewall keeps the worker out', async () => {
    grant(vault.id, secretsUser);
    sandbox.drift.mutate(vault, { properties: { ...(vault.outputs['properties'] as PropertyMap), networkAcls: { bypass: 'None', defaultAction: 'Deny', ipRules: [] } } });
    await expect(cloud.secrets()).rejects.toMatchObject({ code: 'cluster-unreachable', hint: expect.stringContaining('workerCidrs') as string });
  });

  it('has every node\'s last step, and passes over what is none', async () => {
    const step = { node: 'cp-1', role: 'control-plane', pool: null, index: 1, step: 'booted', at: '2026-11-21T12:00:00.000Z', message: null } as const;
    expect(await cloud.nodeSteps()).toEqual([]);
    const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
    grant(container.id, blobReader, `((!(ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'})) OR (@Request[${blobs}:prefix] StringStartsWith 'rendezvous/nodes/'))`);
    azure.blobs.put(container.id, nodeStepKey('cp-1'), Buffer.from(JSON.stringify(step)), 'application/json');
    azure.blobs.put(container.id, nodeStepKey('cp-2'), Buffer.from('no step'), 'application/json');
    expect(await cloud.nodeSteps()).toEqual([step]);

    azure.blobs.put(container.id, nodeStepKey('cp-1'), Buffer.from(JSON.stringify({ ...step, step: 'joined' })), 'application/json');
    expect(await cloud.nodeSteps()).toEqual([{ ...step, step: 'joined' }]);
  });
});

describe('what Kubernetes made on Azure', () => {
  const address = (name: string, more: PropertyMap = {}): Item => make(tokens.publicIpAddress, { ...place, publicIpAddressName: name, sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static', ...more });
  const disk = (name: string, more: PropertyMap = {}): Item => make(tokens.disk, { ...place, diskName: name, sku: { name: 'Premium_LRS' }, zones: ['1'], diskSizeGB: 8, creationData: { createOption: 'Empty' }, ...more });
  const driver = { 'k8s-azure-created-by': 'kubernetes-azure-dd' };

  it('is found in the cluster\'s group and deleted, load balancers first; what is the stack\'s is left alone', async () => {
    const nat = address('nat', { tags: tags('nat-1') });
    const known = disk('pvc-known', { tags: driver });
    disk('cp-1-etcd', { tags: tags('cp-1-etcd') });
    const frontend = address('pay-a1');
    make(tokens.loadBalancer, { ...place, loadBalancerName: 'pay', sku: { name: 'Standard' }, frontendIPConfigurations: [{ name: 'a1', publicIPAddress: { id: frontend.id } }] });
    disk('pvc-1', { tags: { ...tags('volume'), ...driver } });

    expect(kinds(await cloud.madeByKubernetes(scope([known.id])))).toEqual(['Disk', 'LoadBalancer', 'PublicIPAddress']);
    const { removed, remaining } = await cloud.removeMadeByKubernetes(scope([known.id]));

    expect(kinds(removed)).toEqual(['Disk', 'LoadBalancer', 'PublicIPAddress']);
    expect(removed.filter((found) => found.disk === true)).toHaveLength(1);
    expect(remaining).toEqual([]);
    expect(sandbox.inventory.get(tokens.publicIpAddress, nat.id)).toBeDefined();
    expect(await cloud.madeByKubernetes(scope([known.id]))).toEqual([]);
  });
});

describe('the remains of a cluster on Azure', () => {
  const search = async () => (await cloud.findRemains(scope(), [])).found;

  it('are what has its uid, and all that lies in its group', async () => {
    make(tokens.publicIpAddress, { ...place, publicIpAddressName: 'untagged', sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static' });
    make(tokens.resourceGroup, { resourceGroupName: 'elsewhere', location: 'northeurope' });
    make(tokens.publicIpAddress, { resourceGroupName: 'elsewhere', location: 'northeurope', publicIpAddressName: 'astray', sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static', tags: tags('astray') });

    const found = await search();

    expect(kinds(found)).toEqual(['PublicIPAddress', 'PublicIPAddress', 'ResourceGroup', 'StorageAccount', 'Vault']);
    expect(found.filter(({ backups }) => backups !== undefined).map(({ part }) => part).sort()).toEqual(['backups', 'group']);
    expect(found.filter(({ fromIndex }) => fromIndex)).toEqual([]);
  });

  it('are roles and the peering on the worker\'s side by name', async () => {
    make(tokens.roleDefinition, {
      roleDefinitionId: crypto.randomUUID(), scope: group, roleName: physicalName(cluster, 'role-x'), roleType: 'CustomRole', assignableScopes: [group],
      permissions: [{ actions: ['Microsoft.Compute/disks/read'], notActions: [], dataActions: [], notDataActions: [] }],
    });
    expect(kinds(await search())).toContain('RoleDefinition');
  });

  it('are no longer what is gone, though the index still shows it; a vault is kept until its time', async () => {
    sandbox.inventory.delete({ type: tokens.resourceGroup, id: group });

    const [kept, ...others] = await search();

    expect(others).toEqual([]);
    const [inventory] = sandbox.inventory.kept('pay');
    expect(kept).toMatchObject({ kind: tokens.vault, id: inventory?.id, keptUntil: new Date(inventory?.until ?? 0).toISOString(), part: 'vault-provisioner' });
    sandbox.clock.advance(31 * 86_400);
    expect(await search()).toEqual([]);
  });
});

describe('the finder on Azure', () => {
  it('knows an id by the names that make it up, and whether it is there', async () => {
    const finder = await cloud.finder();
    const inputs = { resourceGroupName: place.resourceGroupName, vaultName: azureVaultName(cluster, 'provisioner') };
    expect(await finder.idsOf({ type: tokens.vault, name: 'vault-provisioner', inputs })).toEqual([vault.id]);
    expect(await finder.idsOf({ type: tokens.vault, name: 'vault-join', inputs: { ...inputs, vaultName: azureVaultName(cluster, 'join') } })).toEqual([]);
    expect(await finder.idsOf({ type: tokens.subnet, name: 'subnet', inputs: { resourceGroupName: 'gone', virtualNetworkName: 'n', subnetName: 's' } })).toEqual([]);
  });
});
