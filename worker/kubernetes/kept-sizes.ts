import { z } from 'zod';
import type { NodeClient } from './node-drain.js';

/** Where it is written how large the pools of a cluster were when it was hibernated: in etcd, which sleeps with it. */
const place = '/api/v1/namespaces/kube-system';
const annotation = 'clusterwright.io/pool-sizes';

const namespaceSchema = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }) });
const sizesSchema = z.record(z.string(), z.int().min(0));

/** Machines by pool as they were kept; empty where nothing is kept, or somebody has made something else of it. Throws KubernetesError. */
export async function keptSizes(client: Pick<NodeClient, 'objects'>): Promise<Readonly<Record<string, number>>> {
  const [namespace] = (await client.objects('/api/v1/namespaces', namespaceSchema, { fieldSelector: 'metadata.name=kube-system' })) ?? [];
  try {
    return sizesSchema.parse(JSON.parse(namespace?.metadata.annotations?.[annotation] ?? '{}'));
  } catch {
    return {};
  }
}

/** Keeps sizes; what is kept already stays: it was read before a hibernation that was left in the middle. */
export async function keepSizes(client: Pick<NodeClient, 'objects' | 'merge'>, sizes: Readonly<Record<string, number>>): Promise<true> {
  await client.merge(place, { metadata: { annotations: { [annotation]: JSON.stringify({ ...sizes, ...(await keptSizes(client)) }) } } });
  return true;
}

/** Forgets them. */
export async function forgetSizes(client: Pick<NodeClient, 'merge'>): Promise<true> {
  await client.merge(place, { metadata: { annotations: { [annotation]: null } } });
  return true;
}
