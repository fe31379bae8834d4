import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { azureStorageAccount, azureVaultName } from '../../../model/clouds/azure.js';
import { secretSets, vaultUrl, type NodeFacts, type SecretSet } from '../../../model/rendezvous.js';
import { builtInRoles, customRoles, type Grant } from '../../../programs/azure/policies/document.js';
import { controlPlaneGrants, workerGrants } from '../../../programs/azure/policies/nodes.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import type { PropertyMap } from '../../../sandbox/protocol/values.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { TestNode } from './node.js';

const subscription = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001';
const group = `${subscription}/resourceGroups/pay`;
const cluster = { name: 'pay', uid: 'abc123def456' };

/** The sandbox's Azure with the ground of one cluster: vaults, containers, identities with the programs' grants, machines. */
export class AzureWorld {
  readonly nodes: TestNode[] = [];

  private constructor(readonly folder: string, readonly sandbox: Sandbox, readonly azure: AzurePart) {}

  static async open(): Promise<AzureWorld> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'rendezvous-'));
    const sandbox = await openSandbox(path.join(folder, 'sandbox'), 0);
    const world = new AzureWorld(folder, sandbox, await startAzure(sandbox));
    world.#ground();
    await mkdir(world.#clusters);
    return world;
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.powerOff()));
    await this.azure.close();
    await this.sandbox.journal.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A machine with its metadata service; it is off. */
  async node(over: Partial<NodeFacts> = {}): Promise<TestNode> {
    const number = this.nodes.length + 1;
    const facts: NodeFacts = {
      schema: 1, cluster: 'pay', uid: cluster.uid, region: 'westeurope', role: 'control-plane', pool: null, index: number, controlPlanes: 3, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
      endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12',
      rendezvous: { provider: 'azure', container: `https://${azureStorageAccount(cluster, 'backups')}.blob.core.windows.net/cluster`, vaults: Object.fromEntries(secretSets.map((set) => [set, vaultUrl(cluster, set)])) as Record<SecretSet, string> },
      issuer: `https://${azureStorageAccount(cluster, 'issuer')}.blob.core.windows.net/issuer`, entra: { tenantId: '99999999-9999-4999-8999-999999999999', clientId: '88888888-8888-4888-8888-888888888888' },
      sshKeys: [], registryMirrors: {}, labels: {}, taints: [], ...over,
    };
    const name = `pay-node-${number}`;
    const [id, nic] = [`${group}/providers/Microsoft.Compute/virtualMachines/${name}`, `${group}/providers/Microsoft.Network/networkInterfaces/${name}`];
    this.#make(tokens.networkInterface, nic, { ipConfigurations: [{ privateIPAddress: `10.30.0.${10 + number}` }] });
    this.#make(tokens.virtualMachine, id, {
      osProfile: { computerName: name }, zones: ['1'], identity: { userAssignedIdentities: { [identity(facts.role)]: {} } }, networkProfile: { networkInterfaces: [{ id: nic }] },
    });
    const node = await TestNode.make({ folder: path.join(this.folder, name), facts, metadata: this.azure.instanceMetadata(id), endpoints: { blob: `${this.azure.endpoint}/blob`, vault: `${this.azure.endpoint}/vault` }, world: this.#clusters });
    this.nodes.push(node);
    return node;
  }

  /** The members of the clusters that the stand-in of kubeadm has made. */
  async members(): Promise<string[][]> {
    const all = await Promise.all((await readdir(this.#clusters)).map(async (name) => (await readFile(path.join(this.#clusters, name, 'members'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '').sort()));
    return all.filter((members) => members.length > 0);
  }

  object(key: string, part: 'backups' | 'issuer' = 'backups'): unknown {
    const found = this.azure.blobs.get(container(part), key);
    return found === undefined ? undefined : JSON.parse(Buffer.from(found.body, 'base64').toString('utf8'));
  }

  get #clusters(): string {
    return path.join(this.folder, 'clusters');
  }

  #ground(): void {
    for (const part of ['backups', 'issuer'] as const) {
      this.#make(tokens.storageAccount, container(part).split('/blobServices')[0] ?? '', { name: azureStorageAccount(cluster, part), allowBlobPublicAccess: part === 'issuer' });
      this.#make(tokens.blobContainer, container(part), { publicAccess: part === 'issuer' ? 'Blob' : 'None' });
    }
    for (const set of secretSets) this.#make(tokens.vault, vault(set), { name: azureVaultName(cluster, set), properties: {} });
    for (const [name, { dataActions }] of Object.entries(customRoles)) this.#make(tokens.roleDefinition, definition(name), { permissions: [{ dataActions: [...dataActions], notDataActions: [] }] });
    const subjects = { vaults: Object.fromEntries(secretSets.map((set) => [set, vault(set)])), container: container('backups'), issuerContainer: container('issuer') } as unknown as Parameters<typeof controlPlaneGrants>[0];
    for (const [role, grants] of [['control-plane', controlPlaneGrants(subjects)], ['worker', workerGrants(subjects)]] as const) {
      this.#make(tokens.userAssignedIdentity, identity(role), { principalId: `principal-${role}`, clientId: `client-${role}` });
      for (const grant of grants) this.#assign(role, grant);
    }
  }

  #assign(role: string, grant: Grant): void {
    this.#make(tokens.roleAssignment, `${group}/providers/Microsoft.Authorization/roleAssignments/${role}-${grant.name}`, {
      principalId: `principal-${role}`, scope: grant.scope, roleDefinitionId: 'builtIn' in grant.role ? definition(builtInRoles[grant.role.builtIn]) : definition(grant.role.custom),
      ...(grant.condition === undefined ? {} : { condition: grant.condition }),
    });
  }

  #make(type: string, id: string, outputs: PropertyMap): void {
    const now = this.sandbox.clock.now();
    const item: Item = { type, id, cluster: 'pay', uid: cluster.uid, resource: null, parent: null, region: 'westeurope', inputs: outputs, outputs, createdAt: now, readyAt: now };
    this.sandbox.inventory.create(item);
  }
}

const identity = (role: string): string => `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${role}`;
const definition = (name: string): string => `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
const vault = (set: SecretSet): string => `${group}/providers/Microsoft.KeyVault/vaults/${azureVaultName(cluster, set)}`;
const container = (part: 'backups' | 'issuer'): string =>
  `${group}/providers/Microsoft.Storage/storageAccounts/${azureStorageAccount(cluster, part)}/blobServices/default/containers/${part === 'backups' ? 'cluster' : 'issuer'}`;
