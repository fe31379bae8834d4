import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NodeFacts } from '../../../model/rendezvous.js';
import { Journal, type Table } from '../../inventory/journal.js';
import { ClusterApi, type Controllers } from '../api-server/cluster-api.js';
import type { ClusterTimings } from '../api-server/context.js';
import type { StoredObject } from '../api-server/object-table.js';
import { ApiServer } from '../api-server/server.js';
import type { KeyPair } from '../pki.js';
import { SimulatedAuthorities } from './authorities.js';
import { bootstrapObjects } from './bootstrap-objects.js';
import type { SimulatedEtcd } from './orders.js';
import { canaryOf } from './snapshots.js';

/** Where a cluster keeps its objects, in its folder. */
export const objectsFile = 'objects.jsonl';

/** What a simulated cluster is opened with. */
export interface SimulatedClusterOptions {
  folder: string;
  facts: NodeFacts;
  now: () => number;
  timings: ClusterTimings;
  /** What acts on its objects in the cloud. */
  controllers: Controllers;
}

/** A cluster that is up: its authorities, its objects, and an API server on each address that leads to it. */
export class SimulatedCluster implements SimulatedEtcd {
  private readonly servers = new Map<string, ApiServer>();
  /** What the servers have begun with. */
  private began = '';

  /** What was prepared by the id of its restore, and nothing where it is in place. */
  private readonly restores: Table<{ readonly objects?: string }>;
  /** The control planes that are stopped. */
  private readonly stopped: Table<true>;

  private constructor(private readonly options: SimulatedClusterOptions, readonly authorities: SimulatedAuthorities, private readonly journal: Journal, readonly api: ClusterApi) {
    this.restores = journal.table('restores');
    this.stopped = journal.table('stopped');
  }

  /** Opens the cluster in its folder, which only its owner can read; a new one gets its authority and first objects there. */
  static async open(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
    const { folder, facts } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const authorities = await SimulatedAuthorities.open(path.join(folder, 'ca.json'), facts.cluster);
    const journal = await Journal.open(path.join(folder, objectsFile));
    const api = new ClusterApi(journal, options.now, options.timings, options.controllers);
    for (const object of bootstrapObjects) api.ensure(object);
    return new SimulatedCluster(options, authorities, journal, api);
  }

  /** Answers on exactly these addresses from now on. */
  async listen(addresses: readonly string[]): Promise<void> {
    const { endpoint, port, kubernetesRelease } = this.options.facts;
    const { trusted, signing } = this.authorities;
    const begins = trusted + signing.certificate;
    for (const [address, server] of [...this.servers]) {
      if (addresses.includes(address) && begins === this.began) continue;
      this.servers.delete(address);
      await server.stop();
    }
    this.began = begins;
    for (const host of addresses.filter((address) => !this.servers.has(address))) {
      const server: KeyPair = await signing.issueServer([endpoint, 'kubernetes', 'kubernetes.default.svc'], [host]);
      this.servers.set(host, await ApiServer.start(this.api, { host, port, server, authority: trusted, release: kubernetesRelease }));
    }
  }

  plant(node: string, word: string): void {
    this.api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: canaryOf, data: { [node]: word } });
  }

  /** Every object, as a snapshot of etcd would have it. */
  snapshot(): string {
    return JSON.stringify(this.api.context.table.everything());
  }

  /** Whether a majority of so many control planes is not stopped. */
  hasMajority(controlPlanes: number): boolean {
    return this.stopped.size < controlPlanes / 2;
  }

  prepare(id: string, objects: string): void {
    if (!this.restores.has(id)) this.restores.put(id, { objects });
  }

  stop(node: string): void {
    this.stopped.put(node, true);
  }

  /** What was prepared is put in place by the first node that starts with it. */
  start(node: string, id: string | undefined): void {
    const restore = id === undefined ? undefined : this.restores.get(id);
    if (id !== undefined && restore === undefined) throw new Error(`nothing is prepared as ${id}`);
    if (id !== undefined && restore?.objects !== undefined) {
      this.api.restore(JSON.parse(restore.objects) as [string, string, StoredObject][]);
      this.restores.put(id, {});
    }
    this.stopped.delete(node);
  }

  /** Begins with the objects of a snapshot, once for an id. */
  startFrom(id: string, objects: string): void {
    this.prepare(id, objects);
    this.start('', id);
  }

  /** Stops answering; the state stays on disk. */
  async close(): Promise<void> {
    await this.listen([]);
    await this.journal.close();
  }
}
