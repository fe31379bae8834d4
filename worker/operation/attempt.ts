import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ClusterwrightError } from '../../model/errors.js';
import { jobError, type Cancellation, type JobRecord } from '../../model/job.js';
import type { Claim } from '../../store/contract.js';
import { awaitInstallation } from './await-installation.js';
import { isForced } from './cancellation.js';
import { clearEarlierAttempts, markOf, workDirPrefix } from './earlier-attempts.js';
import { GuardedProcess } from './guarded-process.js';
import { LeaseKeeper } from './lease-keeper.js';
import { sourceOf } from './objects/source-cluster.js';
import type { OperationOptions } from './options.js';
import { fromOperationSchema, type FromOperation } from './protocol.js';
import { applyMessage, cancelledError, claimedRecord, endedRecord } from './record.js';
import { RecordWriter } from './record-writer.js';
import { verdictOf, type AttemptFacts } from './verdict.js';
import { Watchdogs } from './watchdogs.js';

/** What became of an attempt: its job has ended, somebody else has it, or nobody has it: because the worker stops, or because its processes died. */
export type Outcome = 'ended' | 'lost' | 'released' | 'crashed';

/** A stalled operation that was interrupted is killed after this time, in milliseconds. */
const stalledGraceMs = 60_000;
/** The last words of a job that is left are written within this time, in milliseconds, or not at all. */
const lastWordsMs = 5_000;

/** One attempt at a job: the process that works, and what its worker does meanwhile. */
export class Attempt {
  readonly #keeper: LeaseKeeper;
  readonly #writer: RecordWriter;
  readonly #watchdogs: Watchdogs;
  /** Ends the wait for the backend; aborted with the interruption. */
  readonly #interrupted = new AbortController();
  #process: GuardedProcess | undefined;
  #record;
  #settled: () => void = () => undefined;
  /** Settles when the operation has told its result or can tell none any more. */
  readonly #told = new Promise<void>((resolve) => (this.#settled = resolve));
  #result: AttemptFacts['result'];
  #cancelled: boolean;
  #forced = false;
  #stopping = false;
  #fault: ClusterwrightError | undefined;
  #lost = false;
  #ended: JobRecord | undefined;

  constructor(private readonly claim: Claim, private readonly options: OperationOptions, private readonly log: Logger) {
    const onLost = (reason: string): void => this.#lose(reason);
    this.#record = claimedRecord(claim.job, claim.cluster);
    this.#cancelled = claim.job.cancellation !== null;
    this.#writer = new RecordWriter(options.store, claim.lease, this.#record, onLost);
    this.#keeper = new LeaseKeeper(options.store, claim.lease, { onLost, onRenewed: (cancellation) => this.#renewed(cancellation) });
    this.#watchdogs = new Watchdogs(options.limits, () => this.#process?.session, {
      onStalled: (error) => this.#stalled(error),
      onOutOfMemory: (error) => {
        this.#fault = error;
        this.#kill('it uses too much memory');
      },
    });
  }

  /** The worker is stopping: the operation is to end in order, for another worker to go on with. */
  stop(): void {
    this.#stopping = true;
    this.#interrupt('the worker is stopping');
  }

  /** The same without the order. */
  stopAtOnce(): void {
    this.#stopping = true;
    this.#interrupted.abort();
    this.#kill('the worker is stopping');
  }

  /** The job as this attempt knows it. */
  get job(): JobRecord {
    return this.#ended ?? this.#record.job;
  }

  async run(): Promise<Outcome> {
    const { lease } = this.claim;
    const { environment, program, workRoot } = this.options;
    this.#keeper.start();
    let workDir: string | undefined;
    try {
      await clearEarlierAttempts(lease, workRoot);
      await mkdir(workRoot, { recursive: true });
      workDir = await mkdtemp(path.join(workRoot, workDirPrefix(lease)));
      if (this.#lost) return 'lost';
      const process = new GuardedProcess({ environment: { ...environment, ...markOf(lease) }, program, workDir, log: this.log, onMessage: (message) => this.#receive(message) });
      this.#process = process;
      void process.silent.then(() => this.#settled());
      this.#watchdogs.start();
      // The process loads its programs while the installation is checked.
      await this.#begin(process, workDir);
      await this.#told;
      this.#watchdogs.stop();
      return await this.#conclude(process);
    } finally {
      this.#keeper.stop();
      this.#watchdogs.stop();
      await this.#process?.ended();
      if (workDir !== undefined) await rm(workDir, { recursive: true, force: true });
    }
  }

  async #begin(process: GuardedProcess, workDir: string): Promise<void> {
    const { job, cluster } = this.claim;
    const { engine, backendUrl, drainLimitMs } = this.options;
    const { signal } = this.#interrupted;
    try {
      const account = this.options.account(job.spec);
      const source = await sourceOf(job, this.options);
      const { id, encryption } = await awaitInstallation(() => this.options.installation(), { signal, onWait: (reason) => this.#wait(reason) });
      signal.throwIfAborted();
      process.send({ type: 'start', job, cluster: cluster ?? null, installation: id, encryption, account, source, engine: { ...engine }, backendUrl, drainLimitMs, workDir });
    } catch (error) {
      if (!signal.aborted) this.log.error({ err: error }, 'the operation cannot start');
      this.#result = signal.aborted ? { error: cancelledError(this.#record, false), interrupted: true } : { error: jobError(error), interrupted: false };
      this.#settled();
    }
  }

  #wait(reason: string): void {
    // A cancelled job has nothing to wait for: whatever comes next on the cluster settles what there is to settle.
    if (this.#cancelled) return this.#interrupt('the job is cancelled');
    this.log.warn({ reason }, 'the operation waits for the state backend');
    this.#writer.push(this.#record, [{ type: 'message', severity: 'warning', text: `The operation waits for the state backend: ${reason}`, resource: null }], true);
  }

  async #conclude(process: GuardedProcess): Promise<Outcome> {
    process.send({ type: 'taken' });
    const verdict = verdictOf(this.#record, {
      result: this.#result, cancelled: this.#cancelled, forced: this.#forced, fault: this.#fault, stopping: this.#stopping,
    });
    // Where it did not come to its own end, its processes may still be at work: nobody else gets the cluster before they are gone.
    if (this.#lost || verdict.kind !== 'end' || verdict.error !== null) await process.ended();
    if (this.#lost) return 'lost';
    switch (verdict.kind) {
      case 'end': {
        const { error, cluster } = verdict;
        const end = endedRecord(this.#record, error, new Date(), cluster);
        this.#ended = end.job;
        const written = await this.#writer.finish(end);
        if (!written) this.log.warn('the operation ended without its lease; its job is left to the one who has it');
        else if (error === null) this.log.info('the job succeeded');
        else this.log.warn({ code: error.code, resource: error.resource }, `the job ${error.code === 'cancelled' ? 'is cancelled' : 'failed'}`);
        return written ? 'ended' : 'lost';
      }
      case 'release': return (await this.#release('The worker stopped; the next one goes on with the job.')) ? 'released' : 'lost';
      case 'again': return (await this.#release('The operation or its engine died; the job is run again.')) ? 'crashed' : 'lost';
    }
  }

  /** Gives the lease up with the last words of this attempt. False where the store did not take them in time: the lease ends by itself then. */
  async #release(text: string): Promise<boolean> {
    this.log.info(text);
    this.#writer.push(this.#record, [{ type: 'message', severity: 'warning', text, resource: null }], true);
    const given = this.#writer.flush().then(async (written) => written && this.options.store.release(this.claim.lease).then(() => true));
    const late = wait(lastWordsMs, false, { ref: false });
    const done = await Promise.race([given, late]).catch(() => false);
    this.#writer.close();
    given.catch(() => undefined);
    return done;
  }

  #renewed(cancellation: Cancellation | null): void {
    this.#process?.renewed();
    if (cancellation === null) return;
    if (!this.#cancelled) {
      this.#cancelled = true;
      this.#interrupt('the job is cancelled');
    }
    if (isForced(cancellation, this.options.cancelGraceMs, new Date()) && !this.#forced) {
      this.#forced = true;
      this.#kill('its cancellation is forced');
    }
  }

  #stalled(error: ClusterwrightError): void {
    this.#fault = error;
    this.#interrupt('it says nothing any more');
    void wait(stalledGraceMs, undefined, { ref: false }).then(() => {
      if (this.#result === undefined) this.#kill('it says nothing any more');
    });
  }

  #lose(reason: string): void {
    this.#lost = true;
    this.#writer.close();
    this.#interrupted.abort();
    this.#kill(reason);
  }

  /** The engine is interrupted once, and ends in order. An operation that has not begun does not begin. */
  #interrupt(reason: string): void {
    if (this.#interrupted.signal.aborted) return;
    this.log.warn({ reason }, 'the operation is interrupted');
    this.#interrupted.abort();
    this.#process?.send({ type: 'interrupt' });
  }

  #kill(reason: string): void {
    this.log.warn({ reason }, 'the operation is killed');
    this.#process?.kill();
  }

  #receive(message: unknown): void {
    const parsed = fromOperationSchema.safeParse(message);
    if (!parsed.success) return this.log.error({ issues: parsed.error.issues.map(({ path: place }) => place.join('.')) }, 'the operation sent what the protocol does not know');
    this.#apply(parsed.data);
  }

  #apply(message: FromOperation): void {
    if (this.#result !== undefined || this.#lost) return;
    this.#watchdogs.heard();
    switch (message.type) {
      case 'log':
        return this.log[message.level](message.message);
      case 'observation':
        return this.#writer.observe(message.observation);
      case 'result':
        this.#result = { error: message.error, interrupted: message.interrupted };
        return this.#settled();
      case 'report':
        this.#writer.report(message.report);
        break;
      case 'phase':
        this.#watchdogs.told(message.phase, message.state === 'running');
        break;
      case 'event': case 'progress': case 'cluster': case 'plan': case 'receipt':
    }
    const { record, events, urgent } = applyMessage(this.#record, message, new Date());
    this.#record = record;
    this.#writer.push(record, events, urgent);
  }
}
