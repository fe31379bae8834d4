import { ClusterwrightError } from '../../../model/errors.js';
import type { NodePool } from '../../../model/spec.js';
import { drainableNodes, markSurge } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { MachineRemoval } from '../machine-removal.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';
import { criterionOf, type Criterion } from './criterion.js';
import { missingMachines, oldMachines } from './machines.js';
import { awaitedNodes, joinMs } from './nodes.js';
import { poolGroup } from './pool-group.js';

/**
 * Replaces the machines of every pool that are not new: one more machine, and when its node is Ready, an old one is drained and ended. What is to be done follows from nodes and machines. How many machines the
 * pool is to have meanwhile is written on the node that goes, before anything is asked of the cloud: an operation that is taken over asks for no second one.
 */
export class PoolRollout {
  readonly #removal: MachineRemoval;

  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal, private readonly criterion: Criterion = criterionOf(context)) {
    this.#removal = new MachineRemoval(context, signal);
  }

  /** The names of the nodes that are to go. */
  async old(): Promise<string[]> {
    const [isNew, nodes] = [await this.criterion.look(), await awaitedNodes(this.context, this.signal)];
    return (await this.context.cloud.pools()).flatMap((group) => oldMachines(group, nodes, isNew)).map(({ node }) => node.name);
  }

  /** Does all of it, pool by pool. Throws `node-not-drained`, `node-failed` and `nodes-timeout`. */
  async run(): Promise<void> {
    for (const pool of this.context.spec.nodePools) await this.#roll(pool);
  }

  async #roll(pool: NodePool): Promise<void> {
    for (;;) {
      const [group, nodes, isNew] = [await poolGroup(this.context, pool.name), await awaitedNodes(this.context, this.signal), await this.criterion.look()];
      const old = oldMachines(group, nodes, isNew);
      const [next] = old;
      if (next === undefined) break;
      tell(this.context, 'info', `Pool ${pool.name}: ${old.length} of ${group.machines.length} machines ${old.length === 1 ? 'is' : 'are'} not ${this.criterion.told}.`);
      const count = next.node.surgeTo ?? group.capacity + 1;
      await lookAtCluster(this.context, (client) => markSurge(client, next.node, count));
      await this.#hold(pool, count);
      await this.#removal.remove(await poolGroup(this.context, pool.name), [next]);
    }
    const group = await poolGroup(this.context, pool.name);
    if (group.maxNodes !== pool.maxNodes && group.capacity <= pool.maxNodes) await this.context.cloud.resizePool(group, { capacity: group.capacity, maxNodes: pool.maxNodes });
  }

  /** Waits until the pool holds this many machines, and those that are new are Ready. */
  async #hold(pool: NodePool, count: number): Promise<void> {
    const watch = filled(this.context.nodeWatch, 'the watch over the nodes');
    const group = await poolGroup(this.context, pool.name);
    if (group.capacity < count) await this.context.cloud.resizePool(group, { capacity: count, maxNodes: Math.max(group.maxNodes, count) });
    let missing: string[] = ['the API server does not answer'];
    await pollWithin(joinMs, this.signal, async () => {
      const [now, nodes, isNew] = await Promise.all([poolGroup(this.context, pool.name), lookAtCluster(this.context, drainableNodes), this.criterion.look(), watch.look()]);
      if (nodes === undefined) return undefined;
      // Where what is launched is no newer than what goes, there would be no end to it.
      const isOld = oldMachines(now, nodes, isNew).length >= count;
      missing = [...missingMachines(now, nodes, { isNew, count }), ...(isOld ? [`pool ${pool.name}: its new machine is not ${this.criterion.told}`] : [])];
      return missing.length === 0 ? true : undefined;
    }, () => new ClusterwrightError('nodes-timeout', `After ${joinMs / 60_000} minutes: ${missing.join(', ')}.`));
  }
}
