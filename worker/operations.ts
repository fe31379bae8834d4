import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ClusterwrightError } from '../model/errors.js';
import { jobError, type JobError, type JobRecord } from '../model/job.js';
import type { Claim, HeldLease, Owner, QueueName } from '../store/contract.js';
import { queueOf } from '../store/queue.js';
import type { Store } from '../store/store.js';
import { isForced } from './operation/cancellation.js';
import { clearEarlierAttempts } from './operation/earlier-attempts.js';
import { leaseTimes } from './operation/lease-keeper.js';
import type { OperationOptions } from './operation/options.js';
import { runOperation } from './operation/parent.js';
import { cancelledError, endedRecord } from './operation/record.js';
import { mostAttempts } from './operation/verdict.js';
import type { Slots } from './slots.js';

/** What a worker's operations are made of. */
export interface OperationsParts {
  readonly store: OperationOptions['store'] & Pick<Store, 'claimJob' | 'takeOver'>;
  readonly owner: Owner;
  readonly options: OperationOptions;
  readonly slots: Readonly<Record<QueueName, Slots>>;
  readonly log: Logger;
}

/** After it interrupted them, a stopping worker waits this long for its operations before it kills them, in milliseconds. */
const interruptedMs = 60_000;

/** The operations of a worker: claims jobs or takes them over, runs them, and ends or leaves them when the worker stops. */
export class Operations {
  readonly #running = new Set<Promise<void>>();
  /** No job is begun any more. */
  readonly #closing = new AbortController();
  readonly #interrupting = new AbortController();
  readonly #killing = new AbortController();

  constructor(private readonly parts: OperationsParts) {
    // Every running operation listens.
    for (const { signal } of [this.#closing, this.#interrupting, this.#killing]) setMaxListeners(0, signal);
  }

  /** How many run now. */
  get running(): number {
    return this.#running.size;
  }

  /** Claims a queued job and runs it. Ends at once where it is not queued any more: a wake-up may come twice. */
  async claim(jobId: string, queue: QueueName): Promise<void> {
    const slots = this.parts.slots[queue];
    // What the stopping worker leaves is woken up again by the outbox.
    if (!(await slots.take(this.#closing.signal))) return;
    try {
      const claim = await this.parts.store.claimJob(jobId, this.parts.owner, leaseTimes.ttl);
      if (claim !== undefined) await this.#run(claim);
    } finally {
      slots.free(false);
    }
  }

  /**
   * Takes a job over that lost its worker, and begins to run it or ends it. `dead` is the lease of a worker that is known to be gone; `orderly` says that the
   * lease was given up rather than lost. False where there is no slot for it.
   */
  async takeOver(job: JobRecord, { dead, orderly }: { dead: HeldLease | undefined; orderly: boolean }): Promise<boolean> {
    const slots = this.parts.slots[queueOf(job.kind)];
    if (this.#closing.signal.aborted || !slots.takeOutside()) return false;
    const { store, owner, log } = this.parts;
    const end = this.#endWithoutRunning(job, orderly);
    const claim = await store.takeOver(job.id, owner, leaseTimes.ttl, { toEnd: end !== undefined, ...(dead === undefined ? {} : { dead }) }).catch((error: unknown) => {
      slots.free(true);
      throw error;
    });
    if (claim === undefined) {
      slots.free(true);
      return true;
    }
    log.warn({ job: job.id, cluster: job.cluster, attempt: claim.job.attempt, worker: dead?.owner.worker }, 'a job is taken over');
    void (end === undefined ? this.#run(claim) : this.#end(claim, end))
      .catch((error: unknown) => log.error({ err: error, job: job.id }, 'a job that was taken over could neither be run nor ended'))
      .finally(() => slots.free(true));
    return true;
  }

  /** Takes no more jobs, lets those that run go on for `graceMs`, then interrupts them, and after a minute kills them. Their jobs go on elsewhere. */
  async stop(graceMs: number): Promise<void> {
    this.#closing.abort();
    await this.#within(graceMs);
    this.#interrupting.abort();
    await this.#within(interruptedMs);
    this.#killing.abort();
    await Promise.allSettled(this.#running);
  }

  /** Kills what runs; `stop` then ends at once. */
  hurry(): void {
    this.#closing.abort();
    this.#interrupting.abort();
    this.#killing.abort();
  }

  /** Waits until nothing runs or the time is over; with `hurry` it is over at once. */
  async #within(ms: number): Promise<void> {
    const done = new AbortController();
    const over = wait(ms, undefined, { signal: AbortSignal.any([this.#killing.signal, done.signal]) }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#running), over]);
    done.abort();
  }

  /** Ends a job that was taken over. */
  async #end(claim: Claim, error: JobError): Promise<void> {
    await clearEarlierAttempts(claim.lease, this.parts.options.workRoot);
    await this.parts.store.finish(claim.lease, endedRecord(claim, error, new Date(), 'needs-repair'));
    this.parts.log.warn({ job: claim.job.id, cluster: claim.job.cluster, code: error.code }, 'a job that lost its worker is ended');
  }

  /** Why a job that lost its worker is not run again: a forced cancellation, or too many attempts that ended with their worker. */
  #endWithoutRunning(job: JobRecord, orderly: boolean): JobError | undefined {
    if (job.cancellation !== null && isForced(job.cancellation, this.parts.options.cancelGraceMs, new Date())) {
      return cancelledError({ job }, true);
    }
    if (orderly || job.attempt < mostAttempts) return undefined;
    return jobError(new ClusterwrightError('worker-lost', `The workers that ran the job ended ${mostAttempts} times in the midst of it.`));
  }

  /** Runs a claimed job, again where its processes died, until it has ended or is somebody else's. */
  async #run(claim: Claim): Promise<void> {
    const attempts = async (): Promise<void> => {
      for (let current: Claim | undefined = claim; current !== undefined; ) {
        const outcome = await runOperation(current, this.parts.options, { interrupt: this.#interrupting.signal, kill: this.#killing.signal });
        if (outcome !== 'crashed') return;
        current = await this.parts.store.takeOver(claim.job.id, this.parts.owner, leaseTimes.ttl);
      }
    };
    const running = attempts();
    this.#running.add(running);
    await running.finally(() => this.#running.delete(running));
  }
}
