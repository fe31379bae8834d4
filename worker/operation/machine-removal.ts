import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import type { Cloud, PoolGroup, PoolMachine } from '../cloud/index.js';
import { cordon, evictionRound, forgetNode, uncordon, type DrainableNode, type RemainingPod } from '../kubernetes/node-drain.js';
import type { OperationContext } from './context.js';
import { lookAtCluster, type ClusterLook } from './kubernetes.js';
import { tell } from './kubernetes-made.js';
import { holdsWithin } from './poll.js';
import type { Surplus } from './pool-target.js';

/** How long a machine may take to go, in milliseconds. */
const goneMs = 10 * 60_000;
/** How often it is told that a drain still waits, in milliseconds: the engine's phases may not be silent for long. */
const remindMs = 4 * 60_000;
const named = 5;

/** What of an operation the removal of machines needs. */
export type RemovalContext = ClusterLook & Pick<OperationContext, 'drainLimitMs' | 'report'> & { readonly cloud: Pick<Cloud, 'pools' | 'endMachine'> };

/** Takes machines out of pools: cordons and drains their nodes, ends them, and waits until they have gone. */
export class MachineRemoval {
  constructor(private readonly context: RemovalContext, private readonly signal: AbortSignal) {}

  /**
   * Ends these machines of a pool, one after the other. All of their nodes are closed first, so that no pod moves from one to the next. When one cannot be drained, those that are left
   * are opened again and the job fails; none of them has lost its machine. Throws `node-not-drained`.
   */
  async remove(group: PoolGroup, ends: readonly Surplus[]): Promise<void> {
    const waiting = new Set(ends.flatMap(({ node }) => node ?? []));
    try {
      for (const node of waiting) await this.#close(group, node);
      for (const { machine, node } of ends) {
        if (node !== undefined) await this.#drain(group, node);
        // From here on it is empty: where ending it fails, the next job goes on with this very one.
        if (node !== undefined) waiting.delete(node);
        await this.#end(group, machine);
        if (node !== undefined) await lookAtCluster(this.context, (client) => forgetNode(client, node.name));
        tell(this.context, 'info', `Pool ${group.pool}: the machine of ${node?.name ?? 'no node'} has ended (${shortId(machine)}).`);
      }
    } catch (error) {
      for (const { name } of waiting) await lookAtCluster(this.context, (client) => uncordon(client, name));
      throw error;
    }
  }

  /** Waits until a machine that is being ended has gone. One that takes long keeps nothing from going on: it is out of the pool's number already. */
  async gone({ group }: PoolGroup, { id }: PoolMachine): Promise<void> {
    const isGone = async (): Promise<boolean> => !(await this.context.cloud.pools()).some((pool) => pool.group === group && pool.machines.some((machine) => machine.id === id));
    if (!(await holdsWithin(goneMs, this.signal, isGone))) tell(this.context, 'warning', `The machine ${id} is being ended, and was still there after ${goneMs / 60_000} minutes.`);
  }

  async #close({ pool }: PoolGroup, node: DrainableNode): Promise<void> {
    if ((await lookAtCluster(this.context, (client) => cordon(client, node))) === true) return;
    throw this.#undrained(pool, node, 'the API server did not answer when it was to be cordoned', 'Try again when the API server answers.');
  }

  /** Waits until every pod that has to go elsewhere has gone. */
  async #drain({ pool }: PoolGroup, node: DrainableNode): Promise<void> {
    const limitMs = this.context.drainLimitMs;
    tell(this.context, 'info', `Pool ${pool}: draining ${node.name} before its machine is ended.`);
    let left: readonly RemainingPod[] | undefined;
    let toldAt = Date.now();
    const drained = await holdsWithin(limitMs, this.signal, async () => {
      left = await lookAtCluster(this.context, (client) => evictionRound(client, node));
      if (Date.now() - toldAt > remindMs) {
        toldAt = Date.now();
        tell(this.context, 'info', `Pool ${pool}: ${node.name} still has ${left === undefined ? 'an API server that does not answer' : listed(left)}.`);
      }
      return left?.length === 0;
    });
    if (drained) return;
    const waited = `after ${Math.max(1, Math.round(limitMs / 60_000))} ${limitMs < 90_000 ? 'minute' : 'minutes'}`;
    if (left === undefined) throw this.#undrained(pool, node, `${waited} the API server does not answer`, 'Try again when the API server answers.');
    const refused = left.filter(({ refused: isRefused }) => isRefused);
    if (refused.length > 0) {
      throw this.#undrained(pool, node, `${waited} its eviction is still refused to ${listed(refused)}`, 'Let the PodDisruptionBudget that covers the pod allow one fewer, or add replicas elsewhere, then try again.');
    }
    throw this.#undrained(pool, node, `${waited} it still has ${listed(left)}, which were told to end`, 'See what keeps these pods from ending (their grace period, finalizers), then try again.');
  }

  #undrained(pool: string, { name }: DrainableNode, why: string, hint: string): ClusterwrightError {
    return new ClusterwrightError('node-not-drained', `Pool ${pool}: ${name} could not be drained: ${why}. Its machine was not ended, and it takes pods again.`, { resource: name, hint });
  }

  /** Ends it by what the cloud has at this moment. */
  async #end({ group, pool }: PoolGroup, machine: PoolMachine): Promise<void> {
    const now = (await this.context.cloud.pools()).find((found) => found.group === group);
    const there = now?.machines.find(({ id }) => id === machine.id);
    if (now === undefined || there === undefined) return;
    try {
      if (!there.leaving) await this.context.cloud.endMachine(now, there);
    } catch (error) {
      if (isClusterwrightError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ClusterwrightError('resource-failed', `Pool ${pool}: the machine ${machine.id} could not be ended: ${reason}.`, { resource: machine.id, cause: error });
    }
    await this.gone(now, there);
  }
}

function listed(pods: readonly RemainingPod[]): string {
  return pods.slice(0, named).map(({ pod }) => `pod ${pod}`).join(', ') + (pods.length > named ? ` and ${pods.length - named} more` : '');
}

/** AWS: the instance's id, Azure: what the scale set calls it. */
function shortId({ id }: PoolMachine): string {
  return id.startsWith('/') ? id.split('/').slice(-3).join('/') : id;
}
