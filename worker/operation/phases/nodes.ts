import { ClusterwrightError } from '../../../model/errors.js';
import type { NodeStep } from '../../../model/rendezvous.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { ClusterNode } from '../../kubernetes/client.js';
import type { Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';

const limitMs = 25 * 60_000;

/** Waits until every control-plane node and each pool's first nodes have joined. Whether they are Ready is for `verify`: that needs the network. */
export const nodes: Phase = {
  limitMs: limitMs + 60_000,
  async run(context, signal) {
    const watch = filled(context.nodeWatch, 'the watch over the nodes');
    let missing: string[] = ['the API server does not answer'];
    const look = async (): Promise<true | undefined> => {
      const [steps, listed] = await Promise.all([watch.look(), lookAtCluster(context, (client) => client.nodes())]);
      if (listed === undefined) return undefined;
      missing = missingNodes(context.spec, listed, steps);
      return missing.length === 0 ? true : undefined;
    };
    await pollWithin(limitMs, signal, look, () => new ClusterwrightError('nodes-timeout', `After ${limitMs / 60_000} minutes: ${missing.join(', ')}.`));
  },
};

/** Who has not joined yet. A pool's size belongs to the autoscaler, so at least its smallest number counts. */
export function missingNodes(spec: Pick<ClusterSpec, 'controlPlane' | 'nodePools'>, joined: readonly ClusterNode[], steps: readonly NodeStep[]): string[] {
  const poolOf = new Map(steps.map(({ node, pool }) => [node, pool]));
  const counted = (what: string, have: number, want: number): string[] => have >= want ? [] : [`${what}: ${have} of ${want} nodes have joined`];
  return [
    ...counted('control plane', joined.filter((node) => node.controlPlane).length, spec.controlPlane.replicas),
    ...spec.nodePools.flatMap((pool) => counted(`pool ${pool.name}`, joined.filter((node) => !node.controlPlane && poolOf.get(node.name) === pool.name).length, pool.minNodes)),
  ];
}
