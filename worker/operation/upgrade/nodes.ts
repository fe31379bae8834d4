import { ClusterwrightError } from '../../../model/errors.js';
import { drainableNodes, type DrainableNode } from '../../kubernetes/node-drain.js';
import { lookAtCluster, type ClusterLook } from '../kubernetes.js';
import { pollWithin } from '../poll.js';

/** How long a machine may take to join, in milliseconds. One of a real cloud does within five minutes of its making. */
export const joinMs = 25 * 60_000;
/** How long the API server may be away, in milliseconds. */
const answerMs = 10 * 60_000;

/** All nodes, as soon as the API server tells of them. Throws `control-plane-timeout`. */
export async function awaitedNodes(context: ClusterLook, signal: AbortSignal): Promise<DrainableNode[]> {
  return pollWithin(answerMs, signal, () => lookAtCluster(context, drainableNodes), () =>
    new ClusterwrightError('control-plane-timeout', `After ${answerMs / 60_000} minutes the API server does not answer.`));
}
