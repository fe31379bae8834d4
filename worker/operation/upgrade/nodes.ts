import { ClusterwrightError } from '../../../model/errors.js';
import type { KubernetesClient } from '../../kubernetes/client.js';
import { drainableNodes, type DrainableNode } from '../../kubernetes/node-drain.js';
import { lookAtCluster, type ClusterLook } from '../kubernetes.js';
import { pollWithin } from '../poll.js';

/** How long a machine may take to join, in milliseconds. One of a real cloud does within five minutes of its making. */
export const joinMs = 25 * 60_000;
/** How long the API server may be away, in milliseconds. */
const answerMs = 10 * 60_000;

/** A look at the cluster as soon as the API server answers. Throws `control-plane-timeout`. */
export async function awaitedLook<T>(context: ClusterLook, signal: AbortSignal, look: (client: KubernetesClient) => Promise<T>): Promise<T> {
  return pollWithin(answerMs, signal, () => lookAtCluster(context, look), () =>
    new ClusterwrightError('control-plane-timeout', `After ${answerMs / 60_000} minutes the API server does not answer.`));
}

/** Waits until the API server is ready. Throws `control-plane-timeout`, which begins with what has been done before: `etcd is back`. */
export async function awaitedApiServer(context: ClusterLook, signal: AbortSignal, { after, limitMs }: { readonly after: string; readonly limitMs: number }): Promise<void> {
  await pollWithin(limitMs, signal, async () => ((await lookAtCluster(context, (client) => client.ready())) === true ? true : undefined), () =>
    new ClusterwrightError('control-plane-timeout', `${after}, and after ${limitMs / 60_000} minutes the API server does not answer.`));
}

/** All nodes, as soon as the API server tells of them. Throws `control-plane-timeout`. */
export async function awaitedNodes(context: ClusterLook, signal: AbortSignal): Promise<DrainableNode[]> {
  return awaitedLook(context, signal, drainableNodes);
}
