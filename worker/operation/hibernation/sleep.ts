import type { Observation } from '../../../model/cluster.js';
import { ClusterwrightError } from '../../../model/errors.js';
import type { PoolGroup } from '../../cloud/index.js';
import { asleep, healthOf, seenOf } from '../../kubernetes/health.js';
import { keepSizes } from '../../kubernetes/kept-sizes.js';
import { endingRound, forgetNode, type DrainableNode } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { Draining } from '../draining.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { listed } from '../listed.js';
import { holdsWithin, pollWithin } from '../poll.js';
import { nodeOf } from '../pool-target.js';
import { awaitedLook, awaitedNodes } from '../upgrade/nodes.js';
import { areRunning, switchControlPlanes } from './control-planes.js';

/** How long the machines of pools may take to go, in milliseconds: a node ends its pods first. */
const goneMs = 15 * 60_000;

/**
 * Switches a cluster off: what runs on its workers is told to end, the pools go down to no machine, and the control planes, with etcd, are switched off at last; their disks stay. Whoever comes after a crash
 * begins with the pools again, as long as the control planes run.
 */
export class PuttingToSleep {
  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal) {}

  /** Does all of it. Throws `control-plane-timeout`, `node-not-drained` and `resource-failed`. */
  async run(): Promise<void> {
    const seen = (await areRunning(this.context)) ? await this.#emptyPools() : undefined;
    tell(this.context, 'info', 'The control planes are switched off.');
    await switchControlPlanes(this.context, 'off', this.signal);
    // An autoscaler may have added machines for the pods that had to go: now there is nobody any more who could.
    await this.#endMachines();
    this.context.report({ type: 'observation', observation: asleep(seen, new Date()) });
  }

  /** Answers what was seen of the cluster before. */
  async #emptyPools(): Promise<Observation> {
    const { context, signal } = this;
    const groups = await context.cloud.pools();
    await awaitedLook(context, signal, (client) => keepSizes(client, Object.fromEntries(groups.map(({ pool, capacity }) => [pool, capacity]))));
    const { observation } = healthOf(await awaitedLook(context, signal, seenOf), new Date());
    // Where the cloud itself keeps the bounds, the autoscaler cannot go beyond them.
    for (const group of groups) await context.cloud.resizePool(group, { minNodes: 0, capacity: group.capacity, maxNodes: group.capacity });
    const nodes = workersOf(groups, await awaitedNodes(context, signal));
    await this.#drain(nodes);
    await this.#endMachines();
    for (const { name } of nodes) await lookAtCluster(context, (client) => forgetNode(client, name));
    return observation;
  }

  /** Closes all workers before the first pod is told to end: it would only move to the next. */
  async #drain(nodes: readonly DrainableNode[]): Promise<void> {
    if (nodes.length === 0) return;
    const { context, signal } = this;
    tell(context, 'info', `Draining ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}.`);
    const draining = new Draining(context, signal);
    for (const node of nodes) await draining.close(`Node ${node.name}`, node);
    let left: readonly string[] = [];
    const ended = await holdsWithin(context.drainLimitMs, signal, async () => {
      const rounds = await Promise.all(nodes.map((node) => lookAtCluster(context, (client) => endingRound(client, node))));
      left = rounds.flatMap((round) => round ?? []);
      return rounds.every((round) => round?.length === 0);
    });
    if (!ended) tell(context, 'warning', `After ${Math.round(context.drainLimitMs / 60_000)} minutes pods still run, and end with their machines: ${listed(left)}.`);
  }

  async #endMachines(): Promise<void> {
    const { cloud } = this.context;
    let left: readonly PoolGroup[] = [];
    await pollWithin(goneMs, this.signal, async () => {
      left = (await cloud.pools()).filter(({ capacity, machines }) => capacity > 0 || machines.length > 0);
      for (const group of left) if (group.capacity > 0) await cloud.resizePool(group, { minNodes: 0, capacity: 0, maxNodes: 0 });
      return left.length === 0 ? true : undefined;
    }, () => new ClusterwrightError('resource-failed', `After ${goneMs / 60_000} minutes pools still have machines: ${left.map(({ pool, machines }) => `${pool} ${machines.length}`).join(', ')}.`, { resource: left[0]?.group }));
  }
}

function workersOf(groups: readonly PoolGroup[], nodes: readonly DrainableNode[]): DrainableNode[] {
  return groups.flatMap(({ machines }) => machines.flatMap((machine) => nodeOf(machine, nodes) ?? []));
}
