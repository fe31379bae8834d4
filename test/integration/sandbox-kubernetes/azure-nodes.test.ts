import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeStepKey, nodeStepSchema, provisionerClientSchema, type NodeFacts } from '../../../model/rendezvous.js';
import { subscriptionId } from '../../../sandbox/azure/cloud.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import { azureNodes } from '../../../sandbox/azure/kubernetes/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import { SimulatedNodes } from '../../../sandbox/kubernetes/nodes/index.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';

const region = 'westeurope';
const address = '127.78.0.1';
const uid = 'u1b2c3d4e5f6';
const group = `/subscriptions/${subscriptionId}/resourceGroups/pay-group/providers`;
const id = (kind: string, name: string): string => `${group}/${kind}/${name}`;
const role = (guid: string): string => `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
const secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';
const blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';
const vaults = { 'control-plane': 'pay-cp', join: 'pay-join', provisioner: 'pay-prov' } as const;
const container = `${id('Microsoft.Storage/storageAccounts', 'paybackups')}/blobServices/default/containers/cluster`;
const pool = `${id('Microsoft.Network/loadBalancers', 'api')}/backendAddressPools/control-plane`;
const subnet = `${id('Microsoft.Network/virtualNetworks', 'network')}/subnets/nodes`;

const factsOf = (which: NodeFacts['role'], index: number | null): NodeFacts => ({
  schema: 1, cluster: 'pay', uid, region, role: which, pool: which === 'worker' ? 'general' : null, index, controlPlanes: 1, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
  endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12',
  rendezvous: { provider: 'azure', container: 'https://paybackups.blob.core.windows.net/cluster', vaults: { 'control-plane': 'https://pay-cp.vault.azure.net', join: 'https://pay-join.vault.azure.net', provisioner: 'https://pay-prov.vault.azure.net' } },
  issuer: null, entra: { tenantId: 't', clientId: 'c' }, sshKeys: [], registryMirrors: {}, labels: {}, taints: [],
});

let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let nodes: SimulatedNodes;
const errors: unknown[] = [];

function make(type: string, itemId: string, outputs: PropertyMap, inputs: PropertyMap = outputs, parent: string | null = null): void {
  const now = sandbox.clock.now();
  sandbox.inventory.create({ type, id: itemId, cluster: 'pay', uid, resource: null, parent: parent === null ? null : { type: tokens.storageAccount, id: parent }, region, inputs, outputs: { name: itemId.slice(itemId.lastIndexOf('/') + 1), ...outputs }, createdAt: now, readyAt: now });
}
function assign(name: string, who: string, what: string, scope: string): void {
  make(tokens.roleAssignment, `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`, { principalId: `${who}-principal`, roleDefinitionId: role(what), scope });
}
function machine(type: string, itemId: string, which: NodeFacts['role'], computerName: string, ip: string, zone: string): void {
  const customData = Buffer.from(`#cloud-config\nwrite_files:\n  - path: /etc/clusterwright/node.json\n    content: ${JSON.stringify(JSON.stringify(factsOf(which, which === 'worker' ? null : 1)))}\n`).toString('base64');
  const nic = `${itemId}/networkInterfaces/primary`;
  make(tokens.networkInterface, nic, { ipConfigurations: [{ privateIPAddress: ip, subnet: { id: subnet }, ...(which === 'worker' ? {} : { loadBalancerBackendAddressPools: [{ id: pool }] }) }] });
  make(type, itemId, {
    osProfile: { computerName }, hardwareProfile: { vmSize: 'Standard_D4s_v5' }, zones: [zone], networkProfile: { networkInterfaces: [{ id: nic }] },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [id('Microsoft.ManagedIdentity/userAssignedIdentities', which)]: {} } },
  }, { osProfile: { computerName, customData } });
}
const vm = id('Microsoft.Compute/virtualMachines', 'pay-cp-1');
const instance = `${id('Microsoft.Compute/virtualMachineScaleSets', 'pay-general')}/virtualMachines/0`;
const controlPlane = (): void => machine(tokens.virtualMachine, vm, 'control-plane', 'pay-cp-1', '10.20.0.4', '2');
const worker = (): void => machine(tokens.virtualMachineScaleSetVm, instance, 'worker', 'pay-general-00000A', '10.20.0.20', '3');

/** What a cluster stands on, but for machines and their rights. */
function ground(firewall: PropertyMap = {}): void {
  for (const vault of Object.values(vaults)) make(tokens.vault, id('Microsoft.KeyVault/vaults', vault), { properties: { publicNetworkAccess: 'Enabled', ...firewall } });
  make(tokens.storageAccount, id('Microsoft.Storage/storageAccounts', 'paybackups'), {});
  make(tokens.blobContainer, container, { publicAccess: 'None' }, {}, id('Microsoft.Storage/storageAccounts', 'paybackups'));
  for (const which of ['control-plane', 'worker']) make(tokens.userAssignedIdentity, id('Microsoft.ManagedIdentity/userAssignedIdentities', which), { principalId: `${which}-principal`, clientId: `${which}-client` });
  make(tokens.loadBalancer, id('Microsoft.Network/loadBalancers', 'api'), {
    frontendIPConfigurations: [{ id: 'api-frontend', privateIPAddress: address }],
    loadBalancingRules: [{ frontendPort: 6443, frontendIPConfiguration: { id: 'api-frontend' }, backendAddressPool: { id: pool } }],
  });
}
function grants(): void {
  for (const [set, vault] of Object.entries(vaults)) assign(`cp-${set}`, 'control-plane', secretsOfficer, id('Microsoft.KeyVault/vaults', vault));
  assign('worker-join', 'worker', secretsUser, id('Microsoft.KeyVault/vaults', vaults.join));
  for (const which of ['control-plane', 'worker']) assign(`${which}-steps`, which, blobContributor, container);
}

const stepOf = (node: string) => {
  const blob = azure.blobs.get(container, nodeStepKey(node));
  return blob === undefined ? undefined : nodeStepSchema.parse(JSON.parse(Buffer.from(blob.body, 'base64').toString()));
};
const secret = (vault: string, name: string): string => azure.secrets.get(id('Microsoft.KeyVault/vaults', vault), name)?.versions.at(-1)?.value ?? '';
async function nodeList(): Promise<{ metadata: { name: string; labels: Record<string, string> }; spec: { providerID: string } }[]> {
  const client = provisionerClientSchema.parse(JSON.parse(secret(vaults.provisioner, 'client')));
  return new Promise((resolve, reject) => {
    request({ host: address, port: 6443, path: '/api/v1/nodes', ca: secret(vaults.provisioner, 'ca'), cert: client.certificate, key: client.key, servername: 'api.pay.clusterwright.internal' }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => { text += part.toString(); }).on('end', () => resolve((JSON.parse(text) as { items: [] }).items));
    }).on('error', reject).end();
  });
}

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'azure-nodes-'));
  errors.length = 0;
  sandbox = await openSandbox(home, 0);
  azure = await startAzure(sandbox);
  nodes = new SimulatedNodes(sandbox, { azure: azureNodes(azure) }, (error) => errors.push(error));
  await nodes.start();
});
afterEach(async () => {
  await nodes.close();
  await azure.close();
  await sandbox.journal.close();
  await rm(home, { recursive: true });
  expect(errors).toEqual([]);
});

describe('simulated nodes on Azure', () => {
  it('are machines and instances of scale sets, with the names and ids that Azure\'s cloud provider gives them', async () => {
    ground();
    grants();
    controlPlane();
    worker();
    await nodes.settled();

    const found = await nodeList();
    expect(found.map(({ metadata, spec }) => [metadata.name, spec.providerID, metadata.labels['topology.kubernetes.io/zone']])).toEqual([
      ['pay-cp-1', `azure://${vm}`, 'westeurope-2'],
      ['pay-general-00000a', `azure://${instance}`, 'westeurope-3'],
    ]);
    expect(stepOf('pay-general-00000a')).toMatchObject({ step: 'joined', role: 'worker', pool: 'general' });
    expect(secret(vaults.join, 'token')).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(secret(vaults['control-plane'], 'encryption-key')).not.toBe('');
  });

  it('say which right they lack, and go on when they have it', async () => {
    ground();
    controlPlane();
    await nodes.settled();
    expect(stepOf('pay-cp-1')).toMatchObject({ step: 'failed', message: expect.stringMatching(/identity control-plane is not authorized to perform .*blobs\/write/) as string });

    grants();
    await nodes.settled();
    expect(stepOf('pay-cp-1')?.step).toBe('joined');
  });

  it('get into a closed vault through a private endpoint in their network only', async () => {
    ground({ publicNetworkAccess: 'Disabled' });
    grants();
    controlPlane();
    await nodes.settled();
    expect(stepOf('pay-cp-1')).toMatchObject({ step: 'failed', message: expect.stringContaining('ForbiddenByConnection') as string });

    for (const vault of Object.values(vaults)) {
      make(tokens.privateEndpoint, id('Microsoft.Network/privateEndpoints', vault), { subnet: { id: `${id('Microsoft.Network/virtualNetworks', 'network')}/subnets/endpoints` }, privateLinkServiceConnections: [{ privateLinkServiceId: id('Microsoft.KeyVault/vaults', vault) }] });
    }
    await nodes.settled();
    expect(stepOf('pay-cp-1')?.step).toBe('joined');
  });

  it('leave with their machines; with the last control plane goes the cluster', async () => {
    ground();
    grants();
    controlPlane();
    worker();
    await nodes.settled();

    sandbox.inventory.delete({ type: tokens.virtualMachine, id: vm });
    await nodes.settled();

    await expect(nodeList()).rejects.toThrow('ECONNREFUSED');
  });
});
