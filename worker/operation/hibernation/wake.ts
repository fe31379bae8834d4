import { ClusterwrightError } from '../../../model/errors.js';
import { kubernetesReleases, type NodePool } from '../../../model/spec.js';
import type { PoolGroup } from '../../cloud/index.js';
import { forgetSizes, keptSizes } from '../../kubernetes/kept-sizes.js';
import { drainableNodes } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { Draining } from '../draining.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { NodeWatch } from '../node-watch.js';
import { isOn } from '../phases/nodes.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';
import { missingMachines } from '../upgrade/machines.js';
import { awaitedApiServer, awaitedLook, joinMs } from '../upgrade/nodes.js';
import { switchControlPlanes } from './control-planes.js';

/** How long etcd and an API server may take to be back, in milliseconds: the provisioner's certificate may have ended meanwhile, and the nodes make another a few minutes after they have booted. */
const backMs = 20 * 60_000;

/**
 * Switches a cluster on: the control planes first, until etcd has its quorum and an API server answers, then the pools, as large as they were. A cluster that is awake stays as it is. What is to be done follows from
 * what is there.
 */
export class WakingUp {
  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal) {}

  /** Does all of it. Throws `resource-failed`, `control-plane-timeout`, `nodes-timeout` and `node-failed`. */
  async run(): Promise<void> {
    const { context, signal } = this;
    await switchControlPlanes(context, 'on', signal);
    tell(context, 'info', 'The control planes are switched on. The API server is waited for, which answers when etcd has its quorum.');
    await awaitedApiServer(context, signal, { after: 'The control planes are switched on', limitMs: backMs });
    const sizes = await awaitedLook(context, signal, keptSizes);
    const wanted = new Map<string, number>();
    for (const { pool, group } of await this.#pools()) wanted.set(pool.name, await this.#fill(pool, group, sizes[pool.name] ?? pool.minNodes));
    tell(context, 'info', `The pools are to have ${[...wanted].map(([pool, count]) => `${count} (${pool})`).join(', ')} machines.`);
    await this.#joined(wanted);
    const draining = new Draining(context, signal);
    for (const node of await awaitedLook(context, signal, drainableNodes)) if (node.removing) await draining.open(node);
    await awaitedLook(context, signal, forgetSizes);
  }

  /** Gives a pool its bounds back, and so many machines within them; none is ended for it. */
  async #fill({ minNodes, maxNodes }: NodePool, group: PoolGroup, size: number): Promise<number> {
    const capacity = Math.max(group.capacity, Math.min(Math.max(size, minNodes), maxNodes));
    await this.context.cloud.resizePool(group, { minNodes, capacity, maxNodes: Math.max(maxNodes, capacity) });
    return capacity;
  }

  async #joined(wanted: ReadonlyMap<string, number>): Promise<void> {
    const { context, signal } = this;
    const { controlPlane } = filled(context.outputs, 'the infrastructure\'s outputs');
    const release = kubernetesReleases[filled(context.rollout, 'the rollout').pools];
    const watch = new NodeWatch(context, new Date(context.job.startedAt ?? context.job.createdAt));
    let missing: string[] = ['the API server does not answer'];
    await pollWithin(joinMs, signal, async () => {
      const [, pools, nodes] = await Promise.all([watch.look(), this.#pools(), lookAtCluster(context, drainableNodes)]);
      if (nodes === undefined) return undefined;
      missing = [
        ...controlPlane.flatMap(({ name, id }) => (nodes.find((node) => isOn(node, id))?.ready === true ? [] : [`${name} is not Ready`])),
        ...pools.flatMap(({ pool, group }) => missingMachines(group, nodes, { isNew: (node) => node.release === release, count: wanted.get(pool.name) ?? 0 })),
      ];
      return missing.length === 0 ? true : undefined;
    }, () => new ClusterwrightError('nodes-timeout', `After ${joinMs / 60_000} minutes: ${missing.join(', ')}.`));
  }

  /** The spec's pools, as the cloud has them. */
  async #pools(): Promise<{ readonly pool: NodePool; readonly group: PoolGroup }[]> {
    const groups = await this.context.cloud.pools();
    return this.context.spec.nodePools.map((pool) => {
      const group = groups.find((found) => found.pool === pool.name);
      if (group === undefined) throw new ClusterwrightError('resource-failed', `The cloud has no machines' group for the pool ${pool.name}.`, { resource: pool.name, hint: 'Repair the cluster.' });
      return { pool, group };
    });
  }
}
