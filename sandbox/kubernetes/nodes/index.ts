import { orderPrefix, restorationKey } from '../../../model/orders.js';
import type { Item } from '../../inventory/item.js';
import type { Sandbox } from '../../sandbox.js';
import { ClusterKeeper, type ClusterRecord, type KeeperContext, type Machine, type NodeRecord } from './cluster-keeper.js';
import type { NodeCloud, NodeClouds } from './node-cloud.js';
import { nodeFactsOf } from './node-facts.js';
import type { NodeEdits } from './orders.js';

interface Kept {
  keeper: ClusterKeeper;
  /** By instance id. */
  machines: Map<string, Machine>;
  running: Promise<void>;
  /** Something changed since the last look began. */
  dirty: boolean;
  wait: AbortController;
}

/**
 * The simulated nodes of all clusters: what machines with our user data would do if they ran. The state is a function of the clouds' state and the
 * clock; the only timers are those that look again when the next moment has come.
 */
export class SimulatedNodes {
  private readonly context: KeeperContext;
  private readonly clusters = new Map<string, Kept>();
  private readonly clouds: readonly NodeCloud[];
  private readonly unsubscribe: () => void;
  private closing = false;

  /** @param report told of errors in the simulation itself, which are faults of the sandbox. */
  constructor(private readonly sandbox: Sandbox, clouds: NodeClouds, private readonly report: (error: unknown) => void) {
    const { journal, inventory } = sandbox;
    this.context = {
      sandbox, clouds,
      clusters: journal.table<ClusterRecord>('kubernetes/clusters'), nodes: journal.table<NodeRecord>('kubernetes/nodes'), edits: journal.table<NodeEdits>('kubernetes/edits'),
    };
    this.clouds = Object.values(clouds);
    // Whose order it is each cluster finds out itself.
    for (const cloud of this.clouds) cloud.onWritten((key) => { if (key.startsWith(orderPrefix) || key === restorationKey) for (const cluster of this.clusters.values()) this.look(cluster); });
    this.unsubscribe = inventory.subscribe({
      created: (item) => this.changed(item),
      updated: (item) => this.changed(item),
      deleted: (item) => this.gone(item),
    });
  }

  /** Goes on with everything that was there at the last stop; resolves when its API servers answer again. */
  async start(): Promise<void> {
    for (const type of this.clouds.flatMap(({ machineTypes }) => [...machineTypes])) for (const instance of this.sandbox.inventory.ofType(type)) this.changed(instance);
    for (const [uid] of this.context.clusters.entries()) this.look(this.of(uid));
    await this.settled();
  }

  /** Resolves when nothing is left to do at this moment of the clock. */
  async settled(): Promise<void> {
    for (let busy = true; busy;) {
      await Promise.all([...this.clusters.values()].map(({ running }) => running));
      busy = [...this.clusters.values()].some(({ dirty }) => dirty);
    }
  }

  /** Changes a file of a simulated node, as somebody does who is root there; null removes it. */
  edit(node: string, path: string, content: string | null): void {
    this.context.edits.put(node, { ...this.context.edits.get(node), [path]: content });
  }

  /** Stops everything; it goes on at the next start. */
  async close(): Promise<void> {
    this.closing = true;
    this.unsubscribe();
    for (const { wait } of this.clusters.values()) wait.abort(new Error('the sandbox is stopping'));
    await Promise.all([...this.clusters.values()].map(({ running }) => running));
    await Promise.all([...this.clusters.values()].map(({ keeper }) => keeper.close()));
  }

  private changed(item: Item): void {
    const cloud = this.cloudOf(item);
    if (cloud !== undefined) {
      const facts = nodeFactsOf(cloud.userDataOf(item));
      if (facts === undefined) return;
      const cluster = this.of(facts.uid);
      cluster.machines.set(item.id, { instance: item, facts });
      this.look(cluster);
    } else this.consider(item);
  }

  private gone(item: Item): void {
    if (this.cloudOf(item) === undefined) {
      this.consider(item);
      return;
    }
    for (const cluster of this.clusters.values()) if (cluster.machines.delete(item.id)) this.look(cluster);
  }

  private consider(item: Item): void {
    if (!this.clouds.some(({ followed }) => followed.has(item.type))) return;
    for (const [uid, cluster] of this.clusters) if (item.uid === null || item.uid === uid) this.look(cluster);
  }

  /** The cloud of a machine; undefined for anything else. */
  private cloudOf({ type }: Item): NodeCloud | undefined {
    return this.clouds.find(({ machineTypes }) => machineTypes.has(type));
  }

  private of(uid: string): Kept {
    let cluster = this.clusters.get(uid);
    if (cluster === undefined) {
      cluster = { keeper: new ClusterKeeper(this.context, uid), machines: new Map(), running: Promise.resolve(), dirty: false, wait: new AbortController() };
      this.clusters.set(uid, cluster);
    }
    return cluster;
  }

  /** Looks at a cluster once this turn's changes are all made; looks run one after the other. */
  private look(cluster: Kept): void {
    if (cluster.dirty || this.closing) return;
    cluster.dirty = true;
    cluster.wait.abort();
    cluster.running = cluster.running.then(() => new Promise((resolve) => setImmediate(resolve))).then(() => this.keep(cluster));
  }

  private async keep(cluster: Kept): Promise<void> {
    cluster.dirty = false;
    if (this.closing) return;
    try {
      const next = await cluster.keeper.keep([...cluster.machines.values()]);
      if (next === undefined) {
        if (cluster.machines.size === 0 && !cluster.dirty && !cluster.keeper.isLost) this.clusters.delete(cluster.keeper.uid);
      } else this.lookAgain(cluster, next);
    } catch (error) {
      this.report(error);
    }
  }

  private lookAgain(cluster: Kept, moment: number): void {
    const wait = new AbortController();
    cluster.wait = wait;
    this.sandbox.clock.until(moment, wait.signal).then(() => this.look(cluster), () => undefined);
  }
}
