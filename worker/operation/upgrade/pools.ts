import { ClusterwrightError } from '../../../model/errors.js';
import { kubernetesReleases, type NodePool } from '../../../model/spec.js';
import type { PoolGroup } from '../../cloud/index.js';
import { drainableNodes, markSurge, type DrainableNode } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { MachineRemoval } from '../machine-removal.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';
import { missingMachines, oldMachines } from './machines.js';
import { awaitedNodes, joinMs } from './nodes.js';

/** Which machines of a pool are to stay. */
export interface PoolCriterion {
  readonly isNew: (node: DrainableNode) => boolean;
  /** What those that are to go are not, after `are not`. */
  readonly told: string;
}

/** Those of the spec's minor stay. */
export function ofRelease({ spec }: Pick<OperationContext, 'spec'>): PoolCriterion {
  const release = kubernetesReleases[spec.kubernetesVersion];
  return { isNew: (node) => node.release === release, told: `in Kubernetes ${release} yet` };
}

/**
 * Replaces the machines of every pool that are not new: one more machine, and when its node is Ready, an old one is drained and ended. What is to be done follows from the nodes. How many machines the
 * pool is to have meanwhile is written on the node that goes, before anything is asked of the cloud: an operation that is taken over asks for no second one.
 */
export class PoolRollout {
  readonly #removal: MachineRemoval;

  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal, private readonly criterion: PoolCriterion = ofRelease(context)) {
    this.#removal = new MachineRemoval(context, signal);
  }

  /** The names of the nodes that are to go. */
  async old(): Promise<string[]> {
    const nodes = await awaitedNodes(this.context, this.signal);
    return (await this.context.cloud.pools()).flatMap((group) => oldMachines(group, nodes, this.criterion.isNew)).map(({ node }) => node.name);
  }

  /** Does all of it, pool by pool. Throws `node-not-drained`, `node-failed` and `nodes-timeout`. */
  async run(): Promise<void> {
    for (const pool of this.context.spec.nodePools) await this.#roll(pool);
  }

  async #roll(pool: NodePool): Promise<void> {
    for (;;) {
      const [group, nodes] = [await this.#group(pool), await awaitedNodes(this.context, this.signal)];
      const old = oldMachines(group, nodes, this.criterion.isNew);
      const [next] = old;
      if (next === undefined) break;
      tell(this.context, 'info', `Pool ${pool.name}: ${old.length} of ${group.machines.length} machines ${old.length === 1 ? 'is' : 'are'} not ${this.criterion.told}.`);
      const count = next.node.surgeTo ?? group.capacity + 1;
      await lookAtCluster(this.context, (client) => markSurge(client, next.node, count));
      await this.#hold(pool, count);
      await this.#removal.remove(await this.#group(pool), [next]);
    }
    const group = await this.#group(pool);
    if (group.maxNodes !== pool.maxNodes && group.capacity <= pool.maxNodes) await this.context.cloud.resizePool(group, { capacity: group.capacity, maxNodes: pool.maxNodes });
  }

  /** Waits until the pool holds this many machines, and those that are new are Ready. */
  async #hold(pool: NodePool, count: number): Promise<void> {
    const watch = filled(this.context.nodeWatch, 'the watch over the nodes');
    const group = await this.#group(pool);
    if (group.capacity < count) await this.context.cloud.resizePool(group, { capacity: count, maxNodes: Math.max(group.maxNodes, count) });
    let missing: string[] = ['the API server does not answer'];
    await pollWithin(joinMs, this.signal, async () => {
      const [now, nodes] = await Promise.all([this.#group(pool), lookAtCluster(this.context, drainableNodes), watch.look()]);
      if (nodes === undefined) return undefined;
      // Where what is launched is no newer than what goes, there would be no end to it.
      const isOld = oldMachines(now, nodes, this.criterion.isNew).length >= count;
      missing = [...missingMachines(now, nodes, { isNew: this.criterion.isNew, count }), ...(isOld ? [`pool ${pool.name}: its new machine is not ${this.criterion.told}`] : [])];
      return missing.length === 0 ? true : undefined;
    }, () => new ClusterwrightError('nodes-timeout', `After ${joinMs / 60_000} minutes: ${missing.join(', ')}.`));
  }

  async #group({ name }: NodePool): Promise<PoolGroup> {
    const group = (await this.context.cloud.pools()).find(({ pool }) => pool === name);
    if (group === undefined) throw new ClusterwrightError('resource-failed', `The cloud has no group of machines for the pool ${name}.`, { resource: name });
    return group;
  }

}
