import { ClusterwrightError } from '../../model/errors.js';
import { cordon, evictionRound, uncordon, type DrainableNode, type RemainingPod } from '../kubernetes/node-drain.js';
import type { OperationContext } from './context.js';
import { lookAtCluster, type ClusterLook } from './kubernetes.js';
import { tell } from './kubernetes-made.js';
import { listed } from './listed.js';
import { holdsWithin } from './poll.js';

/** How often it is told that a drain still waits, in milliseconds: the engine's phases may not be silent for long. */
const remindMs = 4 * 60_000;

/** What of an operation the draining of nodes needs. */
export type DrainContext = ClusterLook & Pick<OperationContext, 'drainLimitMs' | 'report'>;

/** Empties nodes before their machines end or are changed. `of` says whose nodes they are, at the beginning of a sentence: `Pool general`. */
export class Draining {
  constructor(private readonly context: DrainContext, private readonly signal: AbortSignal) {}

  /** Lets no new pod on a node. Throws `node-not-drained`. */
  async close(of: string, node: DrainableNode): Promise<void> {
    if ((await lookAtCluster(this.context, (client) => cordon(client, node))) === true) return;
    throw undrained(of, node, 'the API server did not answer when it was to be cordoned', 'Try again when the API server answers.');
  }

  /** Lets pods on a node again. */
  async open({ name }: DrainableNode): Promise<void> {
    await lookAtCluster(this.context, (client) => uncordon(client, name));
  }

  /** Waits until every pod that has to go elsewhere has gone. `why` ends what is told of it. Throws `node-not-drained`. */
  async drain(of: string, node: DrainableNode, why = 'before its machine is ended'): Promise<void> {
    const limitMs = this.context.drainLimitMs;
    tell(this.context, 'info', `${of}: draining ${node.name} ${why}.`);
    let left: readonly RemainingPod[] | undefined;
    let toldAt = Date.now();
    const drained = await holdsWithin(limitMs, this.signal, async () => {
      left = await lookAtCluster(this.context, (client) => evictionRound(client, node));
      if (Date.now() - toldAt > remindMs) {
        toldAt = Date.now();
        tell(this.context, 'info', `${of}: ${node.name} still has ${left === undefined ? 'an API server that does not answer' : namesOf(left)}.`);
      }
      return left?.length === 0;
    });
    if (drained) return;
    const waited = `after ${Math.max(1, Math.round(limitMs / 60_000))} ${limitMs < 90_000 ? 'minute' : 'minutes'}`;
    if (left === undefined) throw undrained(of, node, `${waited} the API server does not answer`, 'Try again when the API server answers.');
    const refused = left.filter(({ refused: isRefused }) => isRefused);
    if (refused.length > 0) {
      throw undrained(of, node, `${waited} its eviction is still refused to ${namesOf(refused)}`, 'Let the PodDisruptionBudget that covers the pod allow one fewer, or add replicas elsewhere, then try again.');
    }
    throw undrained(of, node, `${waited} it still has ${namesOf(left)}, which were told to end`, 'See what keeps these pods from ending (their grace period, finalizers), then try again.');
  }
}

function undrained(of: string, { name }: DrainableNode, why: string, hint: string): ClusterwrightError {
  return new ClusterwrightError('node-not-drained', `${of}: ${name} could not be drained: ${why}. It has its machine, and takes pods again.`, { resource: name, hint });
}

function namesOf(pods: readonly RemainingPod[]): string {
  return listed(pods.map(({ pod }) => `pod ${pod}`));
}
