import type { KubernetesClient } from './client.js';
import { readCloudObjects, type CloudObjects, type Mounter } from './cloud-objects.js';
import { blockedExample, creationBlock } from './creation-block.js';

/** Puts the block on creation in place and says whether it holds already. Throws KubernetesError. */
export async function blockCreation(client: KubernetesClient): Promise<boolean> {
  for (const { path, object } of creationBlock) await client.apply(path, object);
  return !(await client.wouldCreate(blockedExample.path, blockedExample.object));
}

/** What a round of draining found, as counts by kind of object. */
export interface DrainRound {
  readonly services: number;
  readonly gateways: number;
  readonly claims: number;
  readonly volumes: number;
}

/** Whether nothing is left that stands for something in the cloud. */
export function isDrained({ services, gateways, claims, volumes }: DrainRound): boolean {
  return services + gateways + claims + volumes === 0;
}

/**
 * One round: stops what mounts claims, and deletes Services of type LoadBalancer, Gateways, claims and the volumes that provisioners made, whose
 * disks are to go with them. Their controllers then remove what they made in the cloud: call it again until it finds nothing.
 */
export async function drainRound(client: KubernetesClient): Promise<DrainRound> {
  const found = await readCloudObjects(client);
  // A volume with the policy Retain would leave its disk behind, whether its claim is there or gone.
  await each(found.volumes.filter(({ kept }) => kept), ({ path }) => client.merge(path, { spec: { persistentVolumeReclaimPolicy: 'Delete' } }));
  await each(found.mounters, (mounter) => stop(client, mounter));
  await each([...found.services, ...found.gateways, ...found.pods, ...found.claims], (path) => client.remove(path));
  // The rest of the volumes goes with its claims; one that is deleted before could lose its disk to the provisioner's absence.
  return countsOf(found);
}

function countsOf({ services, gateways, claims, volumes }: CloudObjects): DrainRound {
  return { services: services.length, gateways: gateways.length, claims: claims.length, volumes: volumes.length };
}

async function stop(client: KubernetesClient, { path, stop: how }: Mounter): Promise<boolean> {
  switch (how) {
    case 'scale': return client.merge(path, { spec: { replicas: 0 } });
    case 'suspend': return client.merge(path, { spec: { suspend: true } });
    case 'delete': return client.remove(path);
  }
}

/** As many requests at once as the client has connections for. */
const atOnce = 4;

async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce) await Promise.all(all.slice(from, from + atOnce).map(act));
}
