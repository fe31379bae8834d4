import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { ClusterScope, FoundResource, Removal } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';
import { groupId } from './group.js';
import { apiVersionOf, kindOfId } from './types.js';

/** What the controllers make, in the order in which it can go: an address is in use until its load balancer has gone. */
const made = [
  { path: 'Microsoft.Network/loadBalancers', apiVersion: '2024-05-01' },
  { path: 'Microsoft.Network/publicIPAddresses', apiVersion: '2024-05-01' },
  { path: 'Microsoft.Compute/disks', apiVersion: '2024-03-02' },
] as const;
const diskKind = 'azure-native:compute:Disk';

/** The kinds of things that Kubernetes makes here. */
export const madeKinds: readonly string[] = ['azure-native:network:LoadBalancer', 'azure-native:network:PublicIPAddress', diskKind];

const thingSchema = z.object({ id: z.string(), location: z.string(), tags: z.record(z.string(), z.string()).nullish(), managedBy: z.string().nullish() });

interface MadeThing {
  readonly found: FoundResource;
  /** A disk that a machine has. */
  readonly inUse: boolean;
}

/** The disk driver's own tag; the disks of machines do not have it. */
const madeByDriver = 'k8s-azure-created-by';

/**
 * What the cluster's Kubernetes made and is still there: load balancers and addresses in the cluster's own group that are neither in the stack nor tagged as
 * a part of it, and disks that the driver made. Both make everything in that group.
 */
export async function findMade(connection: AzureConnection, subscriptionId: string, scope: ClusterScope): Promise<FoundResource[]> {
  return calling(`looking for what Kubernetes made for ${scope.name}`, async () => (await things(connection, subscriptionId, scope)).map(({ found }) => found));
}

/** Deletes what of it can go now. What is in use by something else is among `remaining`: ask again later. */
export async function removeMade(connection: AzureConnection, subscriptionId: string, scope: ClusterScope): Promise<Removal> {
  return calling(`deleting what Kubernetes made for ${scope.name}`, async () => {
    const removed: FoundResource[] = [];
    const remaining: FoundResource[] = [];
    for (const { found, inUse } of await things(connection, subscriptionId, scope)) {
      (!inUse && (await remove(connection, found.id)) ? removed : remaining).push(found);
    }
    return { removed, remaining };
  });
}

async function things(connection: AzureConnection, subscriptionId: string, scope: ClusterScope): Promise<MadeThing[]> {
  const known = new Set([...scope.known].map((id) => id.toLowerCase()));
  const group = groupId(subscriptionId, scope);
  const lists = await Promise.all(made.map(({ path, apiVersion }) => connection.list('management', AzureConnection.management(`${group}/providers/${path}`, apiVersion), thingSchema)));
  return lists.flat()
    .filter(({ id, tags }) => !known.has(id.toLowerCase()) && (kindOfId(id) === diskKind ? tags?.[madeByDriver] !== undefined : tags?.[tagKeys.resource] === undefined))
    .map(({ id, location, managedBy }): MadeThing => {
      const kind = kindOfId(id);
      return { found: { id, kind, region: location, part: undefined, ...(kind === diskKind ? { disk: true } : {}) }, inUse: Boolean(managedBy) };
    });
}

/** Asks for the deletion, which may go on for a while after the answer (202); says whether it was taken. */
async function remove(connection: AzureConnection, id: string): Promise<boolean> {
  try {
    await connection.send('management', AzureConnection.management(id, apiVersionOf(id) ?? ''), { method: 'DELETE' });
    return true;
  } catch (error) {
    if (error instanceof AzureRefusal && error.isMissing) return true;
    if (error instanceof AzureRefusal && error.isInUse) return false;
    throw error;
  }
}
