import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { ClusterPlace, PoolGroup, PoolMachine, PoolSize } from '../cloud.js';
import { poolOfPart } from '../parts.js';
import { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';
import { groupId } from './group.js';
import { azureTypes } from './types.js';

const apiVersion = azureTypes['azure-native:compute:VirtualMachineScaleSet']?.apiVersion ?? '';

const skuSchema = z.object({ name: z.string(), tier: z.string().optional(), capacity: z.int() });
const setSchema = z.object({ id: z.string(), sku: skuSchema, tags: z.record(z.string(), z.string()).nullish() });
const instanceSchema = z.object({ id: z.string(), properties: z.object({ provisioningState: z.string().optional() }) });
/** The autoscaler's bounds are tags, which the program writes. */
const boundsSchema = z.object({ min: z.string().pipe(z.coerce.number()), max: z.string().pipe(z.coerce.number()) });

/** The scale sets of a cluster's pools. */
export async function readPools(connection: AzureConnection, subscriptionId: string, cluster: Pick<ClusterPlace, 'name' | 'uid'>): Promise<PoolGroup[]> {
  return calling(`reading the scale sets of ${cluster.name}`, async () => {
    const sets = await connection.list('management', AzureConnection.management(`${groupId(subscriptionId, cluster)}/providers/Microsoft.Compute/virtualMachineScaleSets`, apiVersion), setSchema);
    const groups = await Promise.all(sets.map(async ({ id: group, sku: { capacity }, tags }): Promise<PoolGroup | undefined> => {
      const pool = tags?.[tagKeys.uid] === cluster.uid ? poolOfPart(tags[tagKeys.resource]) : undefined;
      const bounds = boundsSchema.safeParse(tags);
      if (pool === undefined || !bounds.success) return undefined;
      return { pool, group, minNodes: bounds.data.min, maxNodes: bounds.data.max, capacity, machines: await machinesOf(connection, group) };
    }));
    return groups.filter((group) => group !== undefined);
  });
}

/** The capacity falls with the instance: https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms/delete */
export async function endMachine(connection: AzureConnection, { group }: PoolGroup, { id }: PoolMachine): Promise<void> {
  await calling(`ending the machine ${id} of ${group}`, async () => {
    try {
      await connection.send('management', AzureConnection.management(id, apiVersion), { method: 'DELETE' });
    } catch (error) {
      if (!(error instanceof AzureRefusal && error.isMissing)) throw error;
    }
  });
}

/** Nobody else starts a machine: the bounds are the autoscaler's, and it does not act on them where no pod waits. */
export async function raisePool(connection: AzureConnection, { group }: PoolGroup, minNodes: number): Promise<void> {
  await setCapacity(connection, group, minNodes, (capacity) => capacity < minNodes);
}

/** The bounds are tags for the autoscaler, which are left to the engine: what a scale set may hold at most is its number. */
export async function resizePool(connection: AzureConnection, { group }: PoolGroup, { capacity }: PoolSize): Promise<void> {
  await setCapacity(connection, group, capacity, (now) => now !== capacity);
}

async function setCapacity(connection: AzureConnection, group: string, capacity: number, isDue: (now: number) => boolean): Promise<void> {
  await calling(`bringing ${group} to ${capacity} machines`, async () => {
    const address = AzureConnection.management(group, apiVersion);
    const set = await connection.read('management', address, setSchema);
    if (set === undefined || !isDue(set.sku.capacity)) return;
    await connection.send('management', address, { method: 'PATCH', body: { sku: { ...set.sku, capacity } } });
  });
}

/** The provider id is that of `templates/nodes/azure`. */
async function machinesOf(connection: AzureConnection, group: string): Promise<PoolMachine[]> {
  const instances = await connection.list('management', AzureConnection.management(`${group}/virtualMachines`, apiVersion), instanceSchema);
  return instances.map(({ id, properties: { provisioningState } }) => ({ id, providerId: `azure://${id}`, leaving: provisioningState === 'Deleting' }));
}
