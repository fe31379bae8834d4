import { existsSync } from 'node:fs';
import type { Item } from '../inventory/item.js';
import type { Sandbox } from '../sandbox.js';
import { adminFile, adminKubeconfig } from './admin.js';
import type { HostCloud, HostMachine } from './host-cloud.js';
import type { Host } from './host.js';
import { removeLeftovers } from './leftovers.js';
import { NetworkKeeper, type HostGround } from './network-keeper.js';

interface Kept {
  readonly keeper: NetworkKeeper;
  readonly cloud: HostCloud;
  running: Promise<void>;
  /** Something changed since the last look began. */
  dirty: boolean;
  wait: AbortController;
}

/**
 * The machines of all clouds as hosts of this machine, network by network. What should be follows from the inventory and the clock; each change is looked at once
 * this turn's changes are all made.
 */
export class RealNodes {
  readonly #networks = new Map<string, Kept>();
  readonly #unsubscribe: () => void;
  #closing = false;

  constructor(private readonly sandbox: Sandbox, private readonly clouds: readonly HostCloud[], private readonly ground: HostGround) {
    this.#unsubscribe = sandbox.inventory.subscribe({
      created: () => this.#lookEverywhere(),
      updated: () => this.#lookEverywhere(),
      deleted: (item) => {
        this.#lookEverywhere();
        if (clouds.some(({ diskTypes }) => diskTypes.has(item.type))) this.#run(ground.disks.remove(item.id));
      },
    });
  }

  /** Takes away what a crash has left, and boots what ran when the sandbox stopped; resolves when all of it is switched on. */
  async start(): Promise<void> {
    await removeLeftovers(this.ground.prefix, this.ground.machines, this.machines().map(({ id }) => id));
    await this.ground.disks.keepOnly(this.clouds.flatMap(({ diskTypes }) => [...diskTypes].flatMap((type) => this.sandbox.inventory.ofType(type).map(({ id }) => id))));
    this.#lookEverywhere();
    await this.settled();
  }

  /** The host of a machine, if it has one. @param machine its id in the cloud */
  host(machine: string): Host | undefined {
    return [...this.#networks.values()].map(({ keeper }) => keeper.host(machine)).find((host) => host !== undefined);
  }

  /** A kubeconfig for an administrator of a cluster, see `adminKubeconfig`; undefined while no control plane has one. */
  async kubeconfig(cluster: string): Promise<string | undefined> {
    for (const { id, network } of this.machines().filter((machine) => machine.cluster === cluster)) {
      const [balancer] = this.clouds.flatMap((cloud) => cloud.network(network)?.balancers ?? []);
      const file = this.host(id)?.file(adminFile);
      if (balancer !== undefined && file !== undefined && existsSync(file)) return adminKubeconfig(file, balancer.outside);
    }
    return undefined;
  }

  /** The machines that there are. */
  machines(): HostMachine[] {
    return this.clouds.flatMap((cloud) => this.#machines(cloud));
  }

  /** Resolves when nothing is left to do at this moment of the clock. */
  async settled(): Promise<void> {
    for (let busy = true; busy;) {
      await Promise.all([...this.#networks.values()].map(({ running }) => running));
      busy = [...this.#networks.values()].some(({ dirty }) => dirty);
    }
  }

  /** Switches all machines off and takes the networks down; disks stay for the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#unsubscribe();
    for (const { wait } of this.#networks.values()) wait.abort(new Error('the sandbox is stopping'));
    await Promise.all([...this.#networks.values()].map(({ running }) => running));
    await Promise.all([...this.#networks.values()].map(({ keeper }) => keeper.close()));
    await this.ground.disks.detachAll();
  }

  /** Beside what else happens; told when it fails. */
  #run(work: Promise<void>): void {
    work.catch(this.ground.report);
  }

  #machines(cloud: HostCloud): HostMachine[] {
    const items: Item[] = [...cloud.machineTypes].flatMap((type) => this.sandbox.inventory.ofType(type));
    return items.flatMap((item) => cloud.machine(item) ?? []);
  }

  #lookEverywhere(): void {
    for (const cloud of this.clouds) {
      for (const { network } of this.#machines(cloud)) {
        if (this.#networks.has(network)) continue;
        this.#networks.set(network, { keeper: new NetworkKeeper(this.ground, cloud, network), cloud, running: Promise.resolve(), dirty: false, wait: new AbortController() });
      }
    }
    for (const kept of this.#networks.values()) this.#look(kept);
  }

  #look(kept: Kept): void {
    if (kept.dirty || this.#closing) return;
    kept.dirty = true;
    kept.wait.abort();
    kept.running = kept.running.then(() => new Promise((resolve) => setImmediate(resolve))).then(() => this.#keep(kept));
  }

  async #keep(kept: Kept): Promise<void> {
    kept.dirty = false;
    if (this.#closing) return;
    const { keeper, cloud } = kept;
    const now = this.sandbox.clock.now();
    const machines = this.#machines(cloud).filter(({ network }) => network === keeper.id);
    try {
      await keeper.keep(cloud.network(keeper.id), machines, now);
    } catch (error) {
      this.ground.report(error);
    }
    if (machines.length === 0 && !kept.dirty) {
      this.#networks.delete(keeper.id);
      return;
    }
    const next = Math.min(...machines.flatMap(({ runningSince }) => (runningSince !== null && runningSince > now ? [runningSince] : [])));
    if (Number.isFinite(next)) {
      kept.wait = new AbortController();
      this.sandbox.clock.until(next, kept.wait.signal).then(() => this.#look(kept), () => undefined);
    }
  }
}
