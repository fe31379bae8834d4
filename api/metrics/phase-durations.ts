import { isFinished, type JobKind, type JobRecord, type JobState, type PhaseStatus } from '../../model/job.js';
import type { PhaseName } from '../../model/phases.js';
import type { Store } from '../../store/store.js';

/** How long a phase took. */
export interface PhaseSample {
  readonly kind: JobKind;
  readonly phase: PhaseName;
  readonly state: PhaseStatus['state'];
  readonly seconds: number;
}

/** Pages that one round looks through, and their size: what is further back has ended before or is found by its id. */
const pages = 5;
const pageSize = 200;

/** At most so many unfinished jobs are followed; more are queued behind them and come up as they move. */
const followed = 1000;

/**
 * Gathers the phases of jobs that ended since `since`, each job once. It reads the newest jobs and those that were unfinished before, at most every few
 * seconds, so that a scrape costs the same with ten thousand jobs as with ten.
 */
export class PhaseDurations {
  private readonly unfinished = new Set<string>();
  /** Ended jobs that are counted, or ended before; only as many as a round can meet again. */
  private readonly settled = new Set<string>();
  private round: Promise<PhaseSample[]> | undefined;
  private lastRound = 0;

  constructor(private readonly store: Pick<Store, 'listJobs' | 'getJob'>, private readonly since: Date, private readonly pauseMs = 5000) {}

  /** Gives `observe` each new sample. Rejects when the store cannot be read; nothing is lost by that. */
  async take(observe: (sample: PhaseSample) => void): Promise<void> {
    if (this.round !== undefined || Date.now() - this.lastRound < this.pauseMs) return;
    this.round = this.look();
    try {
      for (const sample of await this.round) observe(sample);
      this.lastRound = Date.now();
    } finally {
      this.round = undefined;
    }
  }

  private async look(): Promise<PhaseSample[]> {
    const met = await this.newest();
    const known = new Set(met.map((job) => job.id));
    for (const id of [...this.unfinished].filter((other) => !known.has(other))) {
      const job = await this.store.getJob(id);
      if (job) met.push(job);
      else this.unfinished.delete(id);
    }
    return met.flatMap((job) => this.settle(job));
  }

  private async newest(): Promise<JobRecord[]> {
    const found: JobRecord[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const { items, nextCursor } = await this.store.listJobs({}, { limit: pageSize, cursor });
      found.push(...items);
      // A page of settled jobs only: what is behind it was met in an earlier round.
      if (nextCursor === null || items.every((job) => this.settled.has(job.id))) break;
      cursor = nextCursor;
    }
    return found;
  }

  private settle(job: JobRecord): PhaseSample[] {
    if (!isFinished(job.state)) {
      if (this.unfinished.size < followed) this.unfinished.add(job.id);
      return [];
    }
    this.unfinished.delete(job.id);
    if (this.settled.has(job.id)) return [];
    this.settled.add(job.id);
    for (const oldest of this.settled) {
      if (this.settled.size <= 2 * pages * pageSize) break;
      this.settled.delete(oldest);
    }
    return job.endedAt !== null && Date.parse(job.endedAt) >= this.since.getTime() ? samplesOf(job) : [];
  }
}

/** The phases of an ended job that ran. */
export function samplesOf(job: { kind: JobKind; state: JobState; phases: readonly PhaseStatus[] }): PhaseSample[] {
  return job.phases.flatMap(({ name, state, startedAt, endedAt }) =>
    startedAt !== null && endedAt !== null ? [{ kind: job.kind, phase: name, state, seconds: Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1000 }] : []);
}
