import { upgradeAnnotations } from '../../model/in-place.js';
import { isReady, nodeSchema, releaseOf, type NodeClient } from './node-drain.js';

/** What a worker's Node says of its upgrade in place. */
export interface NodeUpgrade {
  /** Release of its kubelet, without the `v`. */
  readonly release: string;
  readonly ready: boolean;
  /** The release that it was told to go to; undefined where nobody has told it. */
  readonly wanted: string | undefined;
  /** Whether the worker has said that it goes there. */
  readonly begun: boolean;
  /** The worker's own words where it could not. */
  readonly failed: string | undefined;
}

/** Reads it; undefined where there is no such Node. Throws KubernetesError. */
export async function nodeUpgrade(client: Pick<NodeClient, 'objects'>, name: string): Promise<NodeUpgrade | undefined> {
  const [node] = (await client.objects('/api/v1/nodes', nodeSchema, { fieldSelector: `metadata.name=${name}` })) ?? [];
  if (node === undefined) return undefined;
  const annotations = node.metadata.annotations ?? {};
  const wanted = annotations[upgradeAnnotations.wanted];
  return {
    release: releaseOf(node),
    ready: isReady(node),
    wanted, begun: wanted !== undefined && annotations[upgradeAnnotations.begun] === wanted, failed: annotations[upgradeAnnotations.failed],
  };
}

/** Tells a worker to go to a release. One that is on its way there is left alone, and one that has failed tries again. Throws KubernetesError. */
export async function askUpgrade(client: Pick<NodeClient, 'objects' | 'merge'>, name: string, release: string): Promise<true> {
  const now = await nodeUpgrade(client, name);
  if (now?.wanted !== release || now.failed !== undefined) await annotate(client, name, { [upgradeAnnotations.wanted]: release, [upgradeAnnotations.begun]: null, [upgradeAnnotations.failed]: null });
  return true;
}

/** Takes back what was told, and what was answered. Throws KubernetesError. */
export async function forgetUpgrade(client: Pick<NodeClient, 'merge'>, name: string): Promise<true> {
  await annotate(client, name, Object.fromEntries(Object.values(upgradeAnnotations).map((annotation) => [annotation, null])));
  return true;
}

async function annotate(client: Pick<NodeClient, 'merge'>, name: string, annotations: Readonly<Record<string, string | null>>): Promise<void> {
  await client.merge(`/api/v1/nodes/${name}`, { metadata: { annotations } });
}
