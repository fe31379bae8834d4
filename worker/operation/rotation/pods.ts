import { ClusterwrightError } from '../../../model/errors.js';
import { endDaemons, haveFollowed } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { Draining } from '../draining.js';
import { lookAtCluster } from '../kubernetes.js';
import { pollWithin } from '../poll.js';
import { awaitedLook, awaitedNodes } from '../upgrade/nodes.js';

/** How long the pods of DaemonSets may take to be Ready anew, in milliseconds. */
const followMs = 15 * 60_000;

/**
 * Has all pods on these nodes begin anew, so that they have what the cluster gives a new pod today, whom to trust and their tokens: one node after the other, as budgets allow. Static pods are not among them. `of` says
 * whose nodes they are, at the beginning of a sentence. Throws `node-not-drained` and `nodes-timeout`.
 */
export async function restartPods(context: OperationContext, of: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  const draining = new Draining(context, signal);
  for (const node of (await awaitedNodes(context, signal)).filter(({ name }) => names.includes(name))) {
    await draining.close(of, node);
    try {
      await draining.drain(of, node, 'so that its pods begin anew');
      const gone = await awaitedLook(context, signal, (client) => endDaemons(client, node.name));
      await pollWithin(followMs, signal, async () => ((await lookAtCluster(context, (client) => haveFollowed(client, node.name, gone))) === true ? true : undefined), () =>
        new ClusterwrightError('nodes-timeout', `After ${followMs / 60_000} minutes fewer pods of DaemonSets on ${node.name} are Ready than were before.`, { resource: node.name }));
    } finally {
      await draining.open(node);
    }
  }
}
