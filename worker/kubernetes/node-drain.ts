import { z } from 'zod';
import { upgradeAnnotations } from '../../model/in-place.js';
import { authoritiesLabel } from '../../model/rendezvous.js';
import type { KubernetesClient, PodReference } from './client.js';

/** Marks a node that is drained because its machine is to be ended, so that whoever comes after a crash goes on with the same one. */
const mark = 'clusterwright.io/removing';
/** On a node whose replacement was begun: how many machines its pool is to hold until it has gone. */
const surgeMark = 'clusterwright.io/surge-to';
/** What the mark says: whether the node took pods before. */
const marks = { open: 'cordoned', closed: 'was-cordoned' } as const;

/** A Node as far as it is looked at. */
export const nodeSchema = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string().optional(), annotations: z.record(z.string(), z.string()).optional(), labels: z.record(z.string(), z.string()).optional() }),
  spec: z.object({ providerID: z.string().optional(), unschedulable: z.boolean().optional() }).optional(),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(), nodeInfo: z.object({ kubeletVersion: z.string() }).optional(),
  }).optional(),
});

const podSchema = z.object({
  metadata: z.object({
    name: z.string(), namespace: z.string(), uid: z.string(), deletionTimestamp: z.string().optional(), annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(z.object({ kind: z.string(), controller: z.boolean().optional() })).optional(),
  }),
  status: z.object({ phase: z.string().optional(), conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() }).optional(),
});
type Pod = z.infer<typeof podSchema>;

/** A node as the choice among a pool's machines needs it. */
export interface DrainableNode {
  readonly name: string;
  /** Tells which machine it is on; undefined where nobody has said so. */
  readonly providerId: string | undefined;
  readonly ready: boolean;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly unschedulable: boolean;
  /** Marked: its machine is to be ended. */
  readonly removing: boolean;
  /** Release of its kubelet, without the `v`; empty where it has not said so yet. */
  readonly release: string;
  /** How many machines its pool is to hold until this one's has gone; undefined where nobody has begun to replace it. */
  readonly surgeTo: number | undefined;
  /** Which CAs its machine trusted when it came in, as `authoritiesMark` has them; undefined where it has not said so, as control planes have not. */
  readonly authorities: string | undefined;
  /** The release that it was told to go to where it is, by an upgrade that has not come to its end; undefined for the others. */
  readonly upgradingTo: string | undefined;
}

/** A pod that is still on a node that is drained, and whether its eviction was refused. */
export interface RemainingPod {
  /** `NAMESPACE/NAME`. */
  readonly pod: string;
  readonly refused: boolean;
}

/** What of a client is used here. */
export type NodeClient = Pick<KubernetesClient, 'objects' | 'merge' | 'remove' | 'evict'>;

/** All nodes. Throws KubernetesError. */
export async function drainableNodes(client: NodeClient): Promise<DrainableNode[]> {
  const nodes = (await client.objects('/api/v1/nodes', nodeSchema)) ?? [];
  return nodes.map(({ metadata: { name, creationTimestamp = '', annotations = {}, labels = {} }, spec, status }) => ({
    name, createdAt: creationTimestamp, providerId: spec?.providerID, unschedulable: spec?.unschedulable === true, removing: annotations[mark] !== undefined,
    release: releaseOf({ status }),
    surgeTo: annotations[surgeMark] === undefined ? undefined : Number(annotations[surgeMark]),
    authorities: labels[authoritiesLabel],
    upgradingTo: annotations[upgradeAnnotations.wanted],
    ready: isReady({ status }),
  }));
}

/** Lets no new pod on a node, and marks it. What an earlier mark says stays. */
export async function cordon(client: NodeClient, { name, unschedulable, removing }: DrainableNode): Promise<true> {
  const annotations = removing ? {} : { [mark]: unschedulable ? marks.closed : marks.open };
  if (!removing || !unschedulable) await client.merge(pathOf(name), { metadata: { annotations }, spec: { unschedulable: true } });
  return true;
}

/** Takes the mark from a node and lets pods on it again, unless somebody else had forbidden that before. */
export async function uncordon(client: NodeClient, name: string): Promise<true> {
  const node = (await client.objects('/api/v1/nodes', nodeSchema, { fieldSelector: `metadata.name=${name}` }))?.[0];
  const marked = node?.metadata.annotations?.[mark];
  if (marked !== undefined) await client.merge(pathOf(name), { metadata: { annotations: { [mark]: null } }, ...(marked === marks.closed ? {} : { spec: { unschedulable: null } }) });
  return true;
}

/** Writes down on a node how many machines its pool is to hold until it has been replaced. */
export async function markSurge(client: NodeClient, { name }: DrainableNode, count: number): Promise<true> {
  await client.merge(pathOf(name), { metadata: { annotations: { [surgeMark]: String(count) } } });
  return true;
}

/** Takes that back. */
export async function forgetSurge(client: NodeClient, name: string): Promise<true> {
  await client.merge(pathOf(name), { metadata: { annotations: { [surgeMark]: null } } });
  return true;
}

/**
 * One round of ending all that runs on a node for good: every pod that `evictionRound` would ask away is told to end, in its own time and whatever its budget says. Tells which are still there.
 * Call it again until none is.
 */
export async function endingRound(client: NodeClient, { name }: Pick<DrainableNode, 'name'>): Promise<string[]> {
  const pods = (await podsOf(client, name)).filter(hasToMove);
  for (const pod of pods) if (!isLeaving(pod)) await client.remove(`/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`);
  return pods.map(({ metadata: { namespace, name: pod } }) => `${namespace}/${pod}`);
}

/** Deletes a node whose machine has gone. */
export async function forgetNode(client: NodeClient, name: string): Promise<true> {
  await client.remove(pathOf(name));
  return true;
}

/**
 * One round: asks for the eviction of every pod on the node that has to go elsewhere, and tells which are still there. Pods of DaemonSets and static pods stay: they belong to the machine.
 * Pods that have ended are no loss, and on a node that is not Ready nobody ends those that are told to: neither is waited for. Call it again until nothing remains.
 */
export async function evictionRound(client: NodeClient, { name, ready }: Pick<DrainableNode, 'name' | 'ready'>): Promise<RemainingPod[]> {
  const pods = (await podsOf(client, name)).filter((pod) => hasToMove(pod) && (ready || !isLeaving(pod)));
  const remaining: RemainingPod[] = [];
  // One after the other: a budget that allows one more is then seen to.
  for (const pod of pods) remaining.push({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, refused: !isLeaving(pod) && !(await client.evict(referenceOf(pod))) });
  return ready ? remaining : remaining.filter(({ refused }) => refused);
}

/** Pods of DaemonSets that were told to end, and how many of them were Ready until then. */
export interface EndedDaemons {
  readonly uids: readonly string[];
  readonly ready: number;
}

/** Has the DaemonSets' pods on a node ended; others come in their place. */
export async function endDaemons(client: NodeClient, node: string): Promise<EndedDaemons> {
  const pods = (await podsOf(client, node)).filter(isDaemon);
  for (const { metadata: { namespace, name } } of pods) await client.remove(`/api/v1/namespaces/${namespace}/pods/${name}`);
  return { uids: pods.map(({ metadata: { uid } }) => uid), ready: pods.filter(isReady).length };
}

/** Whether they have gone, and as many others are Ready on the node. */
export async function haveFollowed(client: NodeClient, node: string, { uids, ready }: EndedDaemons): Promise<boolean> {
  const pods = (await podsOf(client, node)).filter(isDaemon);
  return pods.every(({ metadata: { uid } }) => !uids.includes(uid)) && pods.filter(isReady).length >= ready;
}

/** Whether a Node or a pod says that it is Ready. Pure. */
export function isReady({ status }: Pick<Pod | z.infer<typeof nodeSchema>, 'status'>): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** The release of a Node's kubelet, without the `v`; empty where it has told none. Pure. */
export function releaseOf({ status }: Pick<z.infer<typeof nodeSchema>, 'status'>): string {
  return status?.nodeInfo?.kubeletVersion.replace(/^v/, '') ?? '';
}

async function podsOf(client: NodeClient, node: string): Promise<Pod[]> {
  return (await client.objects('/api/v1/pods', podSchema, { fieldSelector: `spec.nodeName=${node}` })) ?? [];
}

function hasToMove({ metadata: { annotations = {}, ownerReferences = [] }, status }: Pod): boolean {
  const isStatic = annotations['kubernetes.io/config.mirror'] !== undefined;
  return !isStatic && !isDaemon({ metadata: { ownerReferences } }) && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function isDaemon({ metadata: { ownerReferences = [] } }: { readonly metadata: Pick<Pod['metadata'], 'ownerReferences'> }): boolean {
  return ownerReferences.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true);
}

function isLeaving({ metadata: { deletionTimestamp } }: Pod): boolean {
  return deletionTimestamp !== undefined;
}

function referenceOf({ metadata: { namespace, name, uid } }: Pod): PodReference {
  return { namespace, name, uid };
}

function pathOf(node: string): string {
  return `/api/v1/nodes/${node}`;
}
