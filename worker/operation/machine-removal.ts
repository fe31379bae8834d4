import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import type { Cloud, PoolGroup, PoolMachine } from '../cloud/index.js';
import { forgetNode } from '../kubernetes/node-drain.js';
import { Draining, type DrainContext } from './draining.js';
import { lookAtCluster } from './kubernetes.js';
import { tell } from './kubernetes-made.js';
import { holdsWithin } from './poll.js';
import type { Surplus } from './pool-target.js';

/** How long a machine may take to go, in milliseconds. */
const goneMs = 10 * 60_000;

/** What of an operation the removal of machines needs. */
export type RemovalContext = DrainContext & { readonly cloud: Pick<Cloud, 'pools' | 'endMachine'> };

/** Takes machines out of pools: cordons and drains their nodes, ends them, and waits until they have gone. */
export class MachineRemoval {
  readonly #draining: Draining;

  constructor(private readonly context: RemovalContext, private readonly signal: AbortSignal) {
    this.#draining = new Draining(context, signal);
  }

  /**
   * Ends these machines of a pool, one after the other. All of their nodes are closed first, so that no pod moves from one to the next. When one cannot be drained, those that are left
   * are opened again and the job fails; none of them has lost its machine. Throws `node-not-drained`.
   */
  async remove(group: PoolGroup, ends: readonly Surplus[]): Promise<void> {
    const waiting = new Set(ends.flatMap(({ node }) => node ?? []));
    const of = `Pool ${group.pool}`;
    try {
      for (const node of waiting) await this.#draining.close(of, node);
      for (const { machine, node } of ends) {
        if (node !== undefined) await this.#draining.drain(of, node);
        // From here on it is empty: where ending it fails, the next job goes on with this very one.
        if (node !== undefined) waiting.delete(node);
        await this.end(group, machine);
        if (node !== undefined) await lookAtCluster(this.context, (client) => forgetNode(client, node.name));
        tell(this.context, 'info', `Pool ${group.pool}: the machine of ${node?.name ?? 'no node'} has ended (${shortId(machine)}).`);
      }
    } catch (error) {
      for (const node of waiting) await this.#draining.open(node);
      throw error;
    }
  }

  /** Waits until a machine that is being ended has gone. One that takes long keeps nothing from going on: it is out of the pool's number already. */
  async gone({ group }: PoolGroup, { id }: PoolMachine): Promise<void> {
    const isGone = async (): Promise<boolean> => !(await this.context.cloud.pools()).some((pool) => pool.group === group && pool.machines.some((machine) => machine.id === id));
    if (!(await holdsWithin(goneMs, this.signal, isGone))) tell(this.context, 'warning', `The machine ${id} is being ended, and was still there after ${goneMs / 60_000} minutes.`);
  }

  /** Ends a machine whatever runs on it, by what the cloud has at this moment, and waits until it has gone. */
  async end({ group, pool }: Pick<PoolGroup, 'group' | 'pool'>, machine: Pick<PoolMachine, 'id'>): Promise<void> {
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

/** AWS: the instance's id, Azure: what the scale set calls it. */
function shortId({ id }: PoolMachine): string {
  return id.startsWith('/') ? id.split('/').slice(-3).join('/') : id;
}
