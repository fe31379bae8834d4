import { setTimeout as wait } from 'node:timers/promises';
import { phasesOf } from '../../model/job.js';
import { Portal, shortRequest, type PortalJob } from '../support/portal.js';
import { startTestService, type RunningService } from '../support/service.js';
import { LiveReader } from './live-reader.js';
import { chain, faults as faultKinds, type Round } from './plan.js';
import { isRunning } from './processes.js';
import { gone, strike } from './strikes.js';
import { leftovers, stateFaults, streamFaults } from './truths.js';

/** How a round went. `faults` are the sentences that were not true; empty is a round without a failure. */
export interface RoundResult {
  readonly number: number;
  readonly round: Round;
  readonly hit: string;
  /** The jobs of the round with how each ended: the struck one, then retries and repairs until it came to its end. */
  readonly jobs: readonly string[];
  readonly attempts: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** A job that has not ended after this long hangs, in milliseconds: a take-over after a lost lease takes 35 s of it. */
const jobLimitMs = 300_000;
/** Tries that a struck job may need to come to its end. */
const mostTries = 4;

/** Settings of the service under test: a grace period that a round can wait for. */
const environment = { CLUSTERWRIGHT_CANCEL_GRACE_SECONDS: '3', CLUSTERWRIGHT_SHUTDOWN_SECONDS: '1', CLUSTERWRIGHT_LOG_LEVEL: 'info' };

/** One service that lives through many rounds, and is started again on its home when a round has killed it. */
export class Arena {
  #service: RunningService;
  #portal: Portal;
  #restarts = 0;

  private constructor(service: RunningService) {
    this.#service = service;
    this.#portal = new Portal(service);
  }

  static async open(): Promise<Arena> {
    return new Arena(await startTestService(environment));
  }

  get home(): string {
    return this.#service.home;
  }

  /** Runs a round on the cluster that lives through the chain of jobs that the round belongs to. */
  async run(round: Round): Promise<RoundResult> {
    const cluster = `chaos-${Math.floor(round.number / chain.length)}`;
    await this.#prepare(round, cluster);
    const started = Date.now();
    const faults: string[] = [];
    const jobs: string[] = [];
    let hit = 'nothing';
    let attempts = 0;
    try {
      await this.#portal.clearFaults();
      const readers: { id: string; reader: LiveReader }[] = [];
      const follow = (id: string): string => {
        readers.push({ id, reader: new LiveReader(() => this.#service.url, id) });
        return id;
      };
      if (isFault(round)) await this.#plant(round, cluster);
      let id = follow(await this.#submit(round, cluster));
      hit = isFault(round) ? 'the fault lies in wait' : await this.#strikeWhen(round, id);
      for (let tries = 1; ; tries += 1) {
        const job = await this.#ended(id);
        attempts += job.attempt;
        jobs.push(`${job.kind} ${job.state}${job.error ? ` (${job.error.code})` : ''} in attempt ${job.attempt}`);
        if (job.state === 'succeeded') break;
        if (tries === mostTries) throw new Error(`the job did not come to its end in ${tries} tries: ${job.error?.detail ?? job.state}`);
        id = follow(await this.#tryAgain(cluster, job));
      }
      faults.push(...await this.#truths(round, cluster), ...await this.#streams(readers));
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    return { number: round.number, round, hit, jobs, attempts, seconds: Math.round((Date.now() - started) / 1000), faults };
  }

  async close(): Promise<void> {
    await this.#service.stop();
  }

  /** What the service and all that ran before it on this home have printed. */
  output(): string {
    return this.#service.output();
  }

  /** Brings the cluster of a chain to where a later round of it can begin, when rounds are run out of order. */
  async #prepare(round: Round, cluster: string): Promise<void> {
    const exists = (await this.#portal.send('GET', `/clusters/${cluster}`)).status === 200;
    if (round.job === 'create' || exists) return;
    const job = await this.#portal.change('POST', '/clusters', shortRequest(cluster));
    if (job.state !== 'succeeded') throw new Error(`the cluster ${cluster} could not be made: ${job.error?.detail ?? job.state}`);
  }

  #submit(round: Round, cluster: string): Promise<string> {
    switch (round.job) {
      case 'create':
        return this.#portal.submit('POST', '/clusters', shortRequest(cluster));
      case 'update': {
        // Another number each time, so that there is something to change.
        const pool = { name: 'general', machineType: 't3.large', minNodes: 1, maxNodes: 3 + (round.number % 20) };
        return this.#portal.submit('PATCH', `/clusters/${cluster}`, { nodePools: [pool], labels: { round: String(round.number) } });
      }
      case 'repair':
        return this.#portal.submit('POST', `/clusters/${cluster}/repair`);
      case 'delete':
        return this.#portal.submit('DELETE', `/clusters/${cluster}?retain=none`);
    }
  }

  /** What a user does with a job that did not get through: another try where the job says so, a repair where the cluster asks for it. */
  async #tryAgain(cluster: string, job: PortalJob): Promise<string> {
    await this.#portal.clearFaults();
    if (job.kind === 'delete') return this.#portal.submit('DELETE', `/clusters/${cluster}?retain=none`);
    const { state } = await this.#portal.cluster(cluster);
    if (state === 'needs-repair') return this.#portal.submit('POST', `/clusters/${cluster}/repair`);
    return this.#portal.submit('POST', `/jobs/${job.id}/retry`);
  }

  async #plant(round: Round, cluster: string): Promise<void> {
    const { strike: fault } = round;
    if (!('type' in fault)) return;
    const times = fault.kind === 'throttle' ? 4 : 1;
    const seconds = fault.kind === 'stall' ? { seconds: 3 } : fault.kind === 'throttle' ? { seconds: 0.2 } : {};
    await this.#portal.plantFault({ cluster, type: fault.type, operation: fault.operation, kind: fault.kind, times, ...seconds });
  }

  /** Waits for the round's moment, strikes, and starts the service again if that has ended it. */
  async #strikeWhen(round: Round, id: string): Promise<string> {
    const wanted = phasesOf[round.job].indexOf(round.phase);
    for (;;) {
      const job = await this.#portal.job(id);
      if (['succeeded', 'failed', 'cancelled'].includes(job.state)) break;
      const at = phasesOf[round.job].findIndex((name) => name === job.phase);
      if (at >= wanted) break;
      await wait(20);
    }
    await wait(round.delayMs);
    const { pid } = this.#service.process;
    const hit = await strike(round.strike.kind, { service: this.#service, portal: this.#portal, jobId: id });
    if (round.strike.kind === 'force-cancel') await wait(200);
    if ((round.strike.kind === 'service' || round.strike.kind === 'everything') && pid !== undefined) {
      await gone(pid);
      await this.#restart();
    }
    return hit;
  }

  async #restart(): Promise<void> {
    this.#restarts += 1;
    this.#service = await startTestService(environment, this.#service.home);
    this.#portal = new Portal(this.#service);
  }

  /** Polls until the job has ended. Redis and API may be away for a moment; the service itself must be there. */
  async #ended(id: string): Promise<PortalJob> {
    for (const limit = Date.now() + jobLimitMs; Date.now() < limit; await wait(100)) {
      const job = await this.#portal.job(id).catch(() => undefined);
      if (job !== undefined && ['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
      if (this.#service.process.pid !== undefined && !(await isRunning(this.#service.process.pid))) throw new Error('the service has ended by itself');
    }
    const job = await this.#portal.job(id);
    throw new Error(`the job ${id} has not ended after ${jobLimitMs / 1000} s: ${job.state}, attempt ${job.attempt}, phase ${String(job.phase)}`);
  }

  async #truths(round: Round, cluster: string): Promise<string[]> {
    const left = await leftovers(this.home);
    const inventory = await this.#portal.inventory(cluster);
    if (round.job === 'delete') {
      const still = await this.#portal.send('GET', `/clusters/${cluster}`);
      return [...left, ...inventory.items.map(({ type, id }) => `the cloud still has ${type} ${id}`), ...(still.status === 404 ? [] : [`the cluster is answered with ${still.status}`])];
    }
    const { state } = await this.#portal.cluster(cluster);
    return [...left, ...(state === 'ready' ? [] : [`the cluster is ${String(state)}`]), ...await stateFaults(this.home, cluster, inventory)];
  }

  async #streams(readers: readonly { id: string; reader: LiveReader }[]): Promise<string[]> {
    const faults: string[] = [];
    for (const { id, reader } of readers) {
      await reader.ended(10_000);
      const job = await this.#portal.job(id);
      const events = await this.#portal.allEvents(id);
      faults.push(...streamFaults(job.kind, events, reader.ids).map((fault) => `${job.kind} ${id}: ${fault}`));
    }
    return faults;
  }
}

function isFault({ strike: { kind } }: Round): boolean {
  return faultKinds.some((fault) => fault === kind);
}
