import { beforeAll, describe, expect, it } from 'vitest';
import { clusterOf, KubernetesCaller } from '../../support/kubernetes.js';
import { fullRequest, type PortalJob } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

/** The same request as on AWS, with Azure's names for region and machines. */
const azureRequest = {
  ...fullRequest('payments-prod'), provider: 'azure', region: 'westeurope',
  controlPlane: { replicas: 3, machineType: 'Standard_D2s_v5', etcdDiskGiB: 64 },
  nodePools: [{ name: 'general', machineType: 'Standard_D4s_v5', minNodes: 3, maxNodes: 10, diskGiB: 100, labels: {}, taints: [] }],
};

/** Kinds that a production cluster on Azure must have, with the least number of each. */
const expectedKinds: Readonly<Record<string, number>> = {
  'azure-native:resources:ResourceGroup': 1, 'azure-native:network:VirtualNetwork': 1, 'azure-native:network:Subnet': 3, 'azure-native:network:NatGateway': 1, 'azure-native:network:NetworkSecurityGroup': 3,
  'azure-native:network:SecurityRule': 10, 'azure-native:network:LoadBalancer': 1, 'azure-native:network:VirtualNetworkPeering': 2, 'azure-native:network:PrivateEndpoint': 2, 'azure-native:network:FlowLog': 1,
  'azure-native:privatedns:PrivateZone': 2, 'azure-native:privatedns:PrivateRecordSet': 1, 'azure-native:managedidentity:UserAssignedIdentity': 6, 'azure-native:managedidentity:FederatedIdentityCredential': 4,
  'azure-native:authorization:RoleAssignment': 10, 'azure-native:keyvault:Vault': 4, 'azure-native:storage:StorageAccount': 2, 'azure-native:compute:VirtualMachine': 3, 'azure-native:compute:Disk': 3,
  'azure-native:compute:VirtualMachineScaleSet': 1, 'azure-native:compute:DiskEncryptionSet': 1,
};

describe('a cluster on Azure from its request to its deletion', () => {
  const { service, portal } = useService();
  let created: PortalJob;

  beforeAll(async () => {
    created = await portal.change('POST', '/clusters', azureRequest);
  });

  it('becomes ready with what the spec asks for', async () => {
    expect(created.error).toBeNull();
    expect(await portal.cluster('payments-prod')).toMatchObject({
      state: 'ready', simulated: true, endpoint: 'https://api.payments-prod.clusterwright.internal:6443',
      zones: ['westeurope-1', 'westeurope-2', 'westeurope-3'], nodes: { controlPlane: 3, workers: 3 },
    });
  });

  it('has every kind of resource that a production cluster needs in the cloud', async () => {
    const { items } = await portal.inventory('payments-prod');
    const count = (type: string): number => items.filter((item) => item.type === type).length;
    expect(Object.entries(expectedKinds).filter(([type, least]) => count(type) < least).map(([type, least]) => `${type}: ${count(type)} of ${least}`)).toEqual([]);
  });

  it('plans no change for the same values', async () => {
    const preview = await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', { labels: { 'cost-centre': '4711' } });
    expect(preview).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0, changes: [] } });
  });

  it('changes only the pool whose bound is changed, and no machine, also where the autoscaler has added one', async () => {
    const pool = (await portal.inventory('payments-prod')).items.find(({ type }) => type === 'azure-native:compute:VirtualMachineScaleSet');
    await portal.mutate(pool?.id ?? '', { sku: { name: 'Standard_D4s_v5', tier: 'Standard', capacity: 4 } });
    const machines = async (): Promise<string[]> => (await portal.inventory('payments-prod')).items.filter(({ type }) => /:VirtualMachine(ScaleSetVM)?$/.test(type)).map(({ id }) => id).sort();
    const before = await machines();
    expect(before).toHaveLength(3 + 4);

    const changed = await portal.change('PATCH', '/clusters/payments-prod', { nodePools: [{ name: 'general', machineType: 'Standard_D4s_v5', minNodes: 3, maxNodes: 12 }] });

    expect(changed.error).toBeNull();
    const resources = (await portal.allEvents(changed.id)).filter(({ event }) => event.type === 'resource' && event['state'] === 'succeeded' && event['op'] !== 'read');
    // The pool twice: what the autoscaler has changed is read into the state first, which is told as an update of it.
    expect(resources.map(({ event }) => `${String(event['op'])} ${String(event['name'])}`)).toEqual(['update pool-general', 'update pool-general']);
    expect(await machines()).toEqual(before);
  });

  it('is deleted with what its Kubernetes made; the receipt names the vaults that Azure keeps', async () => {
    const caller = await KubernetesCaller.open(service, await clusterOf(portal, 'payments-prod'));
    await caller.makeLoadBalancer('web');
    await caller.makeLoadBalancer('inner', { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' });
    await caller.makeDisks('database', 2);
    await caller.close();
    const { items } = await portal.inventory('payments-prod');
    expect(items.filter(({ resource }) => resource === 'services')).toHaveLength(2);
    expect(items.filter(({ resource }) => resource?.startsWith('volume '))).toHaveLength(2);

    const deleted = await portal.change('DELETE', '/clusters/payments-prod?retain=none');

    expect(deleted.error).toBeNull();
    expect(deleted.receipt?.leftovers).toEqual([]);
    const left = await portal.inventory('payments-prod');
    expect(left.items).toEqual([]);
    const vaults = left.kept.filter(({ type }) => type === 'azure-native:keyvault:Vault');
    expect(vaults).toHaveLength(4);
    expect(deleted.receipt?.retained.map(({ id, until }) => [id, until]).sort()).toEqual(vaults.map(({ id, until }) => [id, until]).sort());
    expect((await portal.send('GET', '/clusters/payments-prod')).status).toBe(404);
  });

  it('keeps the store of the backups, the vaults with the key to them and with the secrets of applications, and their group where the deletion is asked to', async () => {
    expect(await portal.change('POST', '/clusters', azureRequest)).toMatchObject({ state: 'succeeded', error: null });

    const deleted = await portal.change('DELETE', '/clusters/payments-prod?retain=backups');

    expect(deleted.error).toBeNull();
    expect(deleted.receipt?.leftovers).toEqual([]);
    const kept = deleted.receipt?.retained.filter(({ until }) => until === null).map(({ kind }) => kind.slice(kind.lastIndexOf(':') + 1)).sort();
    expect(kept).toEqual(['ResourceGroup', 'StorageAccount', 'Vault', 'Vault']);
    const types = (await portal.inventory('payments-prod')).items.map(({ type }) => type);
    expect(types.filter((type) => !/^azure-native:(resources|keyvault|storage):/.test(type))).toEqual([]);
  });
});
