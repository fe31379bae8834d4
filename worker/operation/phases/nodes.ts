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
    const { controlPlane } = filled(context.outputs, 'the outputs of the infrastructure');
    let joined: () => void = () => undefined;
    context.nodesJoined = new Promise((resolve) => (joined = resolve));
    let missing: string[] = ['the API server does not answer'];
    const look = async (): Promise<true | undefined> => {
      const [steps, listed] = await Promise.all([watch.look(), lookAtCluster(context, (client) => client.nodes())]);
      if (listed === undefined) return undefined;
      missing = missingNodes(context.spec, controlPlane.map(({ id }) => id), listed, steps);
      return missing.length === 0 ? true : undefined;
    };
    await pollWithin(limitMs, signal, look, () => new ClusterwrightError('nodes-timeout', `After ${limitMs / 60_000} minutes: ${missing.join(', ')}.`));
    joined();
  },
};

/**
 * Who has not joined yet. A pool's size belongs to the autoscaler, so at least its smallest number counts. The node of a control plane counts if it is on a machine of today: that of one
 * that has gone may look Ready for a while, and has the name of the one to come. Pure.
 * @param machines ids of the control plane's machines
 */
export function missingNodes(spec: Pick<ClusterSpec, 'controlPlane' | 'nodePools'>, machines: readonly string[], joined: readonly ClusterNode[], steps: readonly NodeStep[]): string[] {
  const poolOf = new Map(steps.map(({ node, pool }) => [node, pool]));
  const counted = (what: string, have: number, want: number): string[] => have >= want ? [] : [`${what}: ${have} of ${want} nodes have joined`];
  return [
    ...counted('control plane', joined.filter((node) => node.controlPlane && machines.some((id) => isOn(node, id))).length, spec.controlPlane.replicas),
    ...spec.nodePools.flatMap((pool) => counted(`pool ${pool.name}`, joined.filter((node) => !node.controlPlane && poolOf.get(node.name) === pool.name).length, pool.minNodes)),
  ];
}

/** Whether a node is on this machine of the control plane. */
export function isOn({ providerId }: Pick<ClusterNode, 'providerId'>, machine: string): boolean {
  return providerId?.toLowerCase().endsWith(`/${machine.replace(/^\//, '').toLowerCase()}`) === true;
}
