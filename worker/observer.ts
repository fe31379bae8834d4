import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Account } from '../model/accounts.js';
import type { ClusterRecord } from '../model/cluster.js';
import { seenExpiries } from '../model/expiry.js';
import type { Report, ReportKind } from '../model/report.js';
import type { ClusterSpec } from '../model/spec.js';
import type { ListedCluster } from '../store/contract.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { openCloud, type Cloud } from './cloud/index.js';
import { KubernetesClient } from './kubernetes/client.js';
import { healthOf, seenOf, unreachable } from './kubernetes/health.js';

/** Time between two looks at a cluster, in milliseconds, and by how much of it each round is moved at random. */
const roundMs = 60_000;
const jitter = 0.2;
/** Clusters looked at at once. */
const atOnce = 8;
/** How long a look at what control planes tell of themselves holds, in milliseconds. */
const reportMs = 5 * 60_000;

/** What is looked at now and then. */
const lookedAt: Readonly<Record<Extract<ReportKind, 'backups' | 'expiries'>, (cloud: Cloud, last: Report | undefined) => Promise<Report>>> = {
  backups: async (cloud, last) => ({ kind: 'backups', at: new Date().toISOString(), backups: [...await cloud.etcdSnapshots(last?.kind === 'backups' ? last.backups : [])] }),
  expiries: async (cloud) => {
    const [told, { provisioner }] = await Promise.all([cloud.expiries(), cloud.secrets()]);
    return { kind: 'expiries', at: new Date().toISOString(), expiries: seenExpiries(told, provisioner?.notAfter) };
  },
};

/** What the observer is made of. */
export interface ObserverParts {
  readonly store: Pick<Store, 'listClusters' | 'observe' | 'getReport' | 'report'>;
  readonly log: Logger;
  account(spec: ClusterSpec): Account;
}

/**
 * Looks at every ready cluster about once a minute, without changing anything, and writes what it saw. Several workers do the same: the last
 * look counts.
 */
export class Observer {
  readonly #stopping = new AbortController();
  #rounds: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ObserverParts) {}

  /** Begins with the first round. Returns what ends it. */
  start(): () => void {
    this.#rounds = this.#run();
    return () => this.#stopping.abort();
  }

  /** Resolves when no look is under way any more. */
  async idle(): Promise<void> {
    await this.#rounds;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const rested = (): Promise<boolean> => wait(roundMs * (1 + jitter * (Math.random() - 0.5)), true, { signal }).catch(() => false);
    while (await rested()) await this.round().catch((error: unknown) => this.parts.log.debug({ err: error }, 'a round of the observer failed'));
  }

  /** One look at every ready cluster. */
  async round(): Promise<void> {
    for await (const clusters of clusterPages(this.parts.store, { state: 'ready' })) {
      const waiting = [...clusters];
      const look = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined && !this.#stopping.signal.aborted; next = waiting.shift()) await this.#look(next);
      };
      await Promise.all(Array.from({ length: atOnce }, look));
      if (this.#stopping.signal.aborted) return;
    }
  }

  async #look({ cluster, observation }: ListedCluster): Promise<void> {
    const seen = await this.#see(cluster).catch((error: unknown) => unreachable(observation, error instanceof Error ? error.message : String(error), new Date()));
    await this.parts.store.observe(cluster.name, cluster.uid, seen);
    for (const kind of ['backups', 'expiries'] as const) {
      await this.#report(cluster, kind).catch((error: unknown) => this.parts.log.warn({ err: error, cluster: cluster.name, report: kind }, 'a cluster could not be reported on'));
    }
  }

  /** What changes by the hour is looked at now and then, and where it cannot be read, the last report with its time says so. */
  async #report({ name, uid, spec }: ClusterRecord, kind: keyof typeof lookedAt): Promise<void> {
    const last = await this.parts.store.getReport(name, kind);
    if (last !== undefined && Date.now() - Date.parse(last.at) < reportMs) return;
    const cloud = await openCloud({ name, uid, region: spec.region }, this.parts.account(spec));
    await this.parts.store.report(name, uid, await lookedAt[kind](cloud, last));
  }

  async #see({ spec, uid, connection }: ClusterRecord): Promise<ReturnType<typeof healthOf>['observation']> {
    if (connection === null) throw new Error('the cluster has no API server');
    const cloud = await openCloud({ name: spec.name, uid, region: spec.region }, this.parts.account(spec));
    const { provisioner } = await cloud.secrets();
    if (provisioner === undefined) throw new Error('the control plane publishes no certificate for the provisioner');
    const client = new KubernetesClient(spec, connection, provisioner);
    try {
      if (!(await client.ready())) throw new Error('the API server is not ready');
      return healthOf(await seenOf(client), new Date()).observation;
    } finally {
      client.close();
    }
  }
}
