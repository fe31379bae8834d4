import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Account } from '../model/accounts.js';
import type { ClusterRecord, Condition, Observation } from '../model/cluster.js';
import { firstEnds, seenExpiries } from '../model/expiry.js';
import type { Report, ReportKind } from '../model/report.js';
import type { ClusterSpec } from '../model/spec.js';
import type { Store } from '../store/store.js';
import type { Cloud } from './cloud/index.js';
import { clusterPages } from './cluster-pages.js';
import { inCluster, once, viewOf, type ClusterView } from './cluster-view.js';
import type { ClusterNode } from './kubernetes/client.js';
import { drainableNodes } from './kubernetes/node-drain.js';
import { healthOf, seenOf, unreachable } from './kubernetes/health.js';
import { lookAtImages } from './machine-images.js';
import type { Verdict } from './node-health.js';
import { beginReplacement, lookAtMachines, replacementCondition, type ReplacementParts } from './node-replacement.js';
import { seenBackups } from './operation/objects/seen-backups.js';

/** Time between two looks at a cluster, in milliseconds, and by how much of it each round is moved at random. */
const roundMs = 60_000;
const jitter = 0.2;
/** Time until a cluster is looked at again of which it is not known yet what is to be done about its machines, in milliseconds. */
const soonMs = 15_000;
/** What another worker has seen within this time needs no other look, in milliseconds: clouds count how often they are asked, and there may be many workers. */
const sharedMs = 40_000;
/** Clusters looked at at once. */
const atOnce = 8;
/** Time between the beginnings of two looks at most, and within how much time a fleet and those that are looked at again are gone through, in milliseconds: a fleet is looked at all the time, and not all at once. */
const apartMs = 500;
const spreadMs = 40_000;
const againSpreadMs = 5_000;
/** How long a look that failed is not tried again, in milliseconds. */
const againMs = 5 * 60_000;

/** What is looked at now and then. */
const reported = ['backups', 'expiries', 'machine-images'] as const satisfies readonly ReportKind[];
type Reported = (typeof reported)[number];

/** How something is looked at, and how long a look holds, in milliseconds. */
interface SeldomLook {
  readonly holdsMs: number;
  look(view: ClusterView, last: Report | undefined): Promise<Report>;
}

const seldom: Readonly<Record<Reported, SeldomLook>> = {
  backups: {
    holdsMs: 5 * 60_000,
    look: (view, last) => seenBackups(view, last?.kind === 'backups' ? last.backups : []),
  },
  expiries: {
    holdsMs: 5 * 60_000,
    look: async ({ cloud }) => {
      const [told, { provisioner }] = await Promise.all([cloud.expiries(), cloud.secrets()]);
      return { kind: 'expiries', at: new Date().toISOString(), expiries: seenExpiries(told, provisioner?.notAfter) };
    },
  },
  'machine-images': {
    holdsMs: 60 * 60_000,
    look: async (view) => lookAtImages(view.cloud, view.spec, await inCluster(view, drainableNodes)),
  },
};

/** What the observer is made of. */
export interface ObserverParts extends ReplacementParts {
  readonly store: Pick<Store, 'listClusters' | 'getCluster' | 'getObservation' | 'observe' | 'getReport' | 'report' | 'listJobs' | 'changeCluster'>;
  readonly log: Logger;
  account(spec: ClusterSpec): Account;
}

/** What one look at a cluster came to. */
interface Look {
  readonly observation: Observation;
  /** What is to be done about its machines; undefined where its spec does not want anything done, or it could not be looked at. */
  readonly verdict?: Verdict;
}

/**
 * Looks at every ready cluster about once a minute, without changing anything, and writes what it saw. Where machines are not well and the spec wants them replaced, it begins a repair. Several workers share
 * the looks: the last one counts.
 */
export class Observer {
  readonly #stopping = new AbortController();
  /** Names of clusters that are not left until the next round: until a look says otherwise. */
  readonly #open = new Set<string>();
  /** When reports that could not be read were tried last, by the cluster's uid and their kind. */
  readonly #unread = new Map<string, number>();
  /** How many clusters were ready in the last round. */
  #fleet = 0;
  #rounds: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ObserverParts) {
    // Every look that waits for its turn listens.
    setMaxListeners(0, this.#stopping.signal);
  }

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
    await Promise.all([
      this.#every(() => roundMs * (1 + jitter * (Math.random() - 0.5)), () => this.round()),
      this.#every(() => soonMs, () => this.#lookAgain()),
    ]);
  }

  /** Repeats looks, with so much time between their beginnings, in milliseconds, as they leave of it. */
  async #every(period: () => number, look: () => Promise<void>): Promise<void> {
    for (let next = performance.now() + period(); await this.#rested(next - performance.now()); next = Math.max(next + period(), performance.now())) {
      await look().catch((error: unknown) => this.parts.log.debug({ err: error }, 'a round of the observer failed'));
    }
  }

  /** Waits; answers whether it goes on then. */
  #rested(ms: number): Promise<boolean> {
    return wait(Math.max(0, ms), true, { signal: this.#stopping.signal }).catch(() => false);
  }

  /** One look at every ready cluster that nobody has just looked at. */
  async round(): Promise<void> {
    for (const [report, tried] of this.#unread) if (Date.now() - tried >= againMs) this.#unread.delete(report);
    let fleet = 0;
    for await (const clusters of clusterPages(this.parts.store, { state: 'ready' })) {
      fleet += clusters.length;
      await this.#lookAt(clusters.filter(({ observation }) => isDue(observation)).map(({ cluster }) => cluster.name), spreadMs / Math.max(this.#fleet, clusters.length), isDue);
      if (this.#stopping.signal.aborted) return;
    }
    this.#fleet = fleet;
  }

  /** One look at those that are not left until the next round. */
  async #lookAgain(): Promise<void> {
    const names = [...this.#open];
    await this.#lookAt(names, againSpreadMs / Math.max(1, names.length), () => true);
  }

  /** Looks at clusters, as they are by the time that it is their turn, where they are ready still and nobody has seen them meanwhile. */
  async #lookAt(names: readonly string[], apart: number, isWanted: (observation: Observation | undefined) => boolean): Promise<void> {
    const { store } = this.parts;
    const begun = performance.now();
    const waiting = [...names.entries()];
    const look = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, name] = next;
        if (!(await this.#rested(begun + index * Math.min(apart, apartMs) - performance.now()))) return;
        const [cluster, observation] = await Promise.all([store.getCluster(name), store.getObservation(name)]);
        if (cluster?.state !== 'ready') this.#open.delete(name);
        else if (isWanted(observation)) await this.#look(cluster, observation);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, look));
  }

  async #look(cluster: ClusterRecord, observation: Observation | undefined): Promise<void> {
    const now = new Date();
    const view = once(async () => viewOf(cluster, this.parts.account(cluster.spec)));
    const seen = await this.#see(cluster, view, now).catch((error: unknown): Look => ({ observation: unreachable(observation, error instanceof Error ? error.message : String(error), now) }));
    await this.parts.store.observe(cluster.name, cluster.uid, seen.observation);
    if (isOpen(cluster, observation, seen)) this.#open.add(cluster.name);
    else this.#open.delete(cluster.name);
    if (seen.verdict?.kind === 'replace') {
      await beginReplacement(this.parts, cluster, seen.verdict.machines, now).catch((error: unknown) => this.parts.log.warn({ err: error, cluster: cluster.name }, 'a repair could not be begun'));
    }
    for (const kind of reported) {
      const report = `${cluster.uid}/${kind}`;
      if (this.#unread.has(report)) continue;
      await this.#report(cluster, view, kind).catch((error: unknown) => {
        this.#unread.set(report, Date.now());
        this.parts.log.warn({ err: error, cluster: cluster.name, report: kind }, 'a cluster could not be reported on');
      });
    }
  }

  /** What changes by the hour is looked at now and then, and anew where a job has changed the cluster since; where it cannot be read, the last report with its time says so. */
  async #report({ name, uid, spec, updatedAt }: ClusterRecord, view: () => Promise<ClusterView>, kind: Reported): Promise<void> {
    const last = await this.parts.store.getReport(name, kind);
    if (last !== undefined && last.at >= updatedAt && Date.now() - Date.parse(last.at) < seldom[kind].holdsMs) return;
    const found = await seldom[kind].look(await view(), last);
    await this.parts.store.report(name, uid, found, found.kind === 'expiries' ? firstEnds(spec, found.expiries) : undefined);
  }

  async #see(cluster: ClusterRecord, view: () => Promise<ClusterView>, now: Date): Promise<Look> {
    const opened = await view();
    return inCluster(opened, async (client) => {
      if (!(await client.ready())) throw new Error('the API server is not ready');
      const seen = await seenOf(client);
      const { observation } = healthOf(seen, now);
      return cluster.spec.nodeHealth.replace ? await this.#judge(cluster, opened.cloud, observation, seen.nodes, now) : { observation };
    });
  }

  /** A cloud that does not tell of its machines makes a cluster neither unreachable nor unwell. */
  async #judge(cluster: ClusterRecord, cloud: Cloud, observation: Observation, nodes: readonly ClusterNode[], now: Date): Promise<Look> {
    const withCondition = (condition: Condition): Observation => ({ ...observation, conditions: [...observation.conditions, condition] });
    try {
      const verdict = await lookAtMachines(this.parts, cluster, cloud, nodes, now);
      return { observation: withCondition(replacementCondition(verdict, now)), verdict };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { observation: withCondition({ type: 'NodeReplacement', status: 'Unknown', reason: 'CloudUnanswered', message, observedAt: now.toISOString() }) };
    }
  }
}

/** Whether the next round is too late for a cluster: some of its nodes are not Ready for too short a time, or its API server, which answered before, has not: a load balancer may be moving to another control plane. */
function isOpen({ spec: { nodeHealth } }: ClusterRecord, before: Observation | undefined, { observation, verdict }: Look): boolean {
  return nodeHealth.replace && (verdict?.kind === 'waiting' || (isReachable(before) && !isReachable(observation)));
}

/** Whether nobody has looked for a while. */
function isDue(observation: Observation | undefined): boolean {
  return Date.now() - Math.max(0, ...(observation?.conditions ?? []).map(({ observedAt }) => Date.parse(observedAt))) > sharedMs;
}

function isReachable(observation: Observation | undefined): boolean {
  return observation?.conditions.some(({ type, status }) => type === 'Reachable' && status === 'True') === true;
}
