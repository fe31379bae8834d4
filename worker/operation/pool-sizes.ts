import { makesCluster } from '../../model/job.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { Cloud, PoolGroup } from '../cloud/index.js';
import type { KubernetesClient } from '../kubernetes/client.js';
import { healthOf, seenOf } from '../kubernetes/health.js';
import { drainableNodes, forgetNode, uncordon, type DrainableNode } from '../kubernetes/node-drain.js';
import type { OperationContext } from './context.js';
import { lookAtCluster } from './kubernetes.js';
import { tell } from './kubernetes-made.js';
import { MachineRemoval, type RemovalContext } from './machine-removal.js';
import { holdsWithin } from './poll.js';
import { isLowered, nodeOf, poolTarget, type PoolTarget, type PoolWish } from './pool-target.js';

/** How long the API server has to answer before it counts as unreachable, in milliseconds: a load balancer may be moving between control planes. */
const answerMs = 30_000;
const autoscaler = 'cluster-autoscaler';

type SeenCluster = Pick<PoolWish, 'nodes' | 'autoscaled'>;
const neverSeen: SeenCluster = { nodes: [], autoscaled: false };

/** What of an operation the sizes of its pools need. */
export type PoolSizesContext = RemovalContext & Pick<OperationContext, 'job' | 'cluster' | 'states'> & { readonly cloud: Pick<Cloud, 'raisePool'> };

/**
 * Takes the number of machines in each pool along when its bounds change. Left to themselves the clouds end any machine, undrained, where a bound falls below the number, and on Azure
 * nobody starts one where it rises above. Both halves decide from what the cloud has at that moment, and can be entered again at any time.
 */
export class PoolSizes {
  readonly #removal: MachineRemoval;
  /** What each pool had when the operation came to it. */
  readonly #before = new Map<string, number>();

  constructor(private readonly context: PoolSizesContext, private readonly signal: AbortSignal, private readonly patienceMs = answerMs) {
    this.#removal = new MachineRemoval(context, signal);
  }

  /** Before the engine lowers a bound: ends what is too much, each machine after its node was drained. Throws `node-not-drained`. */
  async lower(): Promise<void> {
    // Nothing runs on the pools of a cluster that is being created, and its bounds are those it is created with.
    if (makesCluster(this.context.job.kind) || this.context.states.infrastructure === undefined) return;
    const all = await this.context.cloud.pools();
    const groups = this.#wanted(all);
    for (const { pool, capacity } of groups) this.#before.set(pool, capacity);
    if (groups.length === 0) return;
    const seen = await this.#look(groups);
    if (seen === undefined) {
      this.#refuseBlindly(groups);
      return;
    }
    await this.#finishBegun(all, seen.nodes);
    for (const group of groups) await this.#lower(group, this.#target(group, seen));
  }

  /** After the engine has raised a bound: starts what is missing, where the cloud does not do so by itself. */
  async raise(): Promise<void> {
    if (this.#before.size === 0) return;
    for (const group of this.#wanted(await this.context.cloud.pools())) {
      const { minNodes } = this.#boundsOf(group);
      // A smallest number in the cloud below the spec's: a removal that was begun and then taken back has lowered it, and the engine does not know.
      const missing = group.capacity < minNodes || group.minNodes < minNodes;
      if (missing) await this.context.cloud.raisePool(group, minNodes);
      const [before, now] = [this.#before.get(group.pool), Math.max(group.capacity, minNodes)];
      if (before !== undefined && before !== now) tell(this.context, 'info', `Pool ${group.pool}: ${machines(now)} instead of ${before}.`);
    }
  }

  async #lower(group: PoolGroup, { ends, spared }: PoolTarget): Promise<void> {
    for (const node of spared) await lookAtCluster(this.context, (client) => uncordon(client, node.name));
    if (ends.length > 0) await this.#removal.remove(group, ends);
  }

  /** Without an API server nothing tells what runs on a machine: whatever would have to be ended stays, and so do the bounds. */
  #refuseBlindly(groups: readonly PoolGroup[]): void {
    const surplus = this.#surplus(groups);
    if (surplus === undefined) return;
    throw new ClusterwrightError('node-not-drained', `Pool ${surplus.group.pool} has ${machines(surplus.count)} and is to have ${surplus.target}, but the API server does not answer: no node can be drained, and no machine was ended.`, {
      resource: surplus.group.pool, hint: 'Bring the API server back and try again, or send bounds that hold the present number of machines.',
    });
  }

  /** What an operation that died had begun: machines that are still on their way out, and nodes whose machines have gone. */
  async #finishBegun(groups: readonly PoolGroup[], nodes: readonly DrainableNode[]): Promise<void> {
    for (const node of nodes.filter(({ removing }) => removing)) {
      const found = groups.flatMap((group) => group.machines.map((machine) => ({ group, machine }))).find(({ machine }) => nodeOf(machine, [node]) !== undefined);
      if (found?.machine.leaving === false) continue;
      if (found !== undefined) await this.#removal.gone(found.group, found.machine);
      await lookAtCluster(this.context, (client) => forgetNode(client, node.name));
    }
  }

  /** The first pool that may have too many, as far as the cloud alone can tell. */
  #surplus(groups: readonly PoolGroup[]): (PoolTarget & { readonly group: PoolGroup }) | undefined {
    return groups.map((group) => ({ group, ...this.#target(group, neverSeen) })).find(({ count, target }) => target < count);
  }

  #target(group: PoolGroup, seen: SeenCluster): PoolTarget {
    return poolTarget(group, { bounds: this.#boundsOf(group), ...seen });
  }

  /** The cloud's pools that the spec still has; those that it has no more go as a whole, with the engine. */
  #wanted(all: readonly PoolGroup[]): PoolGroup[] {
    const names = new Set(this.context.spec.nodePools.map(({ name }) => name));
    return all.filter(({ pool }) => names.has(pool));
  }

  #boundsOf({ pool }: Pick<PoolGroup, 'pool'>): { minNodes: number; maxNodes: number } {
    const found = this.context.spec.nodePools.find(({ name }) => name === pool);
    if (found === undefined) throw new Error(`the spec has no pool ${pool}`);
    return found;
  }

  /**
   * The cluster as it is now, or as one that never had an API server is; undefined where that does not answer, which is waited for only where a machine may have to go. The
   * autoscaler is looked for only where it matters.
   */
  async #look(groups: readonly PoolGroup[]): Promise<SeenCluster | undefined> {
    const connection = this.context.cluster?.connection ?? undefined;
    if (connection === undefined) return neverSeen;
    this.context.connection = connection;
    const anyLowered = groups.some((group) => isLowered(group, this.#boundsOf(group).minNodes));
    const look = async (): Promise<SeenCluster | undefined> =>
      lookAtCluster(this.context, async (client) => ({ nodes: await drainableNodes(client), autoscaled: anyLowered && (await isAutoscaled(client)) }));
    if (this.#surplus(groups) === undefined) return look();
    let seen: SeenCluster | undefined;
    await holdsWithin(this.patienceMs, this.signal, async () => (seen = await look()) !== undefined);
    return seen;
  }
}

async function isAutoscaled(client: KubernetesClient): Promise<boolean> {
  const { observation } = healthOf(await seenOf(client), new Date());
  return observation.addons.some(({ name, state }) => name === autoscaler && state === 'deployed');
}

function machines(count: number): string {
  return count === 1 ? '1 machine' : `${count} machines`;
}
