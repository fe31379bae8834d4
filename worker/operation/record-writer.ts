import { setTimeout as wait } from 'node:timers/promises';
import type { Observation } from '../../model/cluster.js';
import { isClusterwrightError } from '../../model/errors.js';
import type { JobEventBody } from '../../model/event.js';
import { firstEnds } from '../../model/expiry.js';
import type { Report } from '../../model/report.js';
import type { JobEnd, Lease } from '../../store/contract.js';
import type { Store } from '../../store/store.js';
import type { OperationRecord } from './record.js';

/** Events are gathered this long before they are written together, in milliseconds. */
const gatherMs = 50;
/** What is not urgent (progress) is written this often at most, in milliseconds. */
const progressMs = 500;

/** What the writer needs of the store. */
export type RecordStore = Pick<Store, 'write' | 'finish' | 'observe' | 'report'>;

/**
 * Writes the records and events of one operation, strictly in order and one write at a time. While the store is gone it keeps all and tries
 * again; when the lease is lost it stops for good and says so.
 */
export class RecordWriter {
  #latest: OperationRecord | undefined;
  #written: OperationRecord | undefined;
  #events: JobEventBody[] = [];
  #observation: Observation | undefined;
  #reports: Report[] = [];
  #loop: Promise<void> | undefined;
  #lastWrite = 0;
  #hurry = false;
  #closed = false;
  #abandoned = false;
  #writes = 0;

  constructor(
    private readonly store: RecordStore,
    private readonly lease: Lease,
    claimed: OperationRecord,
    private readonly onLost: (reason: string) => void,
  ) {
    this.#latest = claimed;
    this.#written = claimed;
  }

  /** Takes a change. It is written soon: within 50 ms where it is urgent, else within half a second. */
  push(record: OperationRecord, events: readonly JobEventBody[], urgent: boolean): void {
    this.#latest = record;
    this.#events.push(...events);
    this.#hurry ||= urgent;
    this.#schedule();
  }

  /** Takes what was seen of the cluster. */
  observe(observation: Observation): void {
    this.#observation = observation;
    this.#hurry = true;
    this.#schedule();
  }

  /** Takes what was found out about the cluster. */
  report(report: Report): void {
    this.#reports.push(report);
    this.#hurry = true;
    this.#schedule();
  }

  /** Writes what is left and ends the job with it. Returns false when the lease was lost before. */
  async finish(end: Pick<JobEnd, 'job' | 'cluster'>): Promise<boolean> {
    this.#hurry = true;
    await this.#loop;
    if (this.#closed) return false;
    this.#closed = true;
    await this.#observed();
    const events = this.#events;
    return this.#persist(() => this.store.finish(this.lease, { ...end, events }));
  }

  /** Writes what is left, and nothing after that: the job goes on without this writer. Returns false when the lease was lost before. */
  async flush(): Promise<boolean> {
    while (this.#loop) {
      this.#hurry = true;
      await this.#loop;
    }
    if (this.#closed) return false;
    this.#closed = true;
    return true;
  }

  /** Nothing is written after this, and what the store has not answered yet is not tried again. */
  close(): void {
    this.#closed = true;
    this.#abandoned = true;
  }

  #schedule(): void {
    if (this.#closed || this.#loop) return;
    this.#loop = this.#drain().finally(() => {
      this.#loop = undefined;
      if (this.#events.length > 0 || this.#latest !== this.#written) this.#schedule();
    });
  }

  async #drain(): Promise<void> {
    await wait(gatherMs);
    while (!this.#hurry && this.#events.length === 0 && Date.now() - this.#lastWrite < progressMs) await wait(gatherMs);
    if (this.#closed) return;
    this.#hurry = false;
    const record = this.#latest;
    const events = this.#events.splice(0);
    const before = this.#written;
    this.#written = record;
    this.#lastWrite = Date.now();
    if (record === before && events.length === 0) return this.#observed();
    // The same name at each repetition: a write whose answer was lost is not done twice.
    const id = `${this.lease.token}.${(this.#writes += 1)}`;
    await this.#persist(() => this.store.write(this.lease, {
      id,
      ...(record && record.job !== before?.job ? { job: record.job } : {}),
      ...(record?.cluster && record.cluster !== before?.cluster ? { cluster: record.cluster } : {}),
      events,
    }));
    await this.#observed();
  }

  async #observed(): Promise<void> {
    const observation = this.#observation;
    const job = this.#latest?.job;
    this.#observation = undefined;
    if (observation && job) await this.#persist(() => this.store.observe(job.cluster, job.uid, observation));
    for (const report of this.#reports.splice(0)) {
      if (job) await this.#persist(() => this.store.report(job.cluster, job.uid, report, report.kind === 'expiries' ? firstEnds(job.spec, report.expiries) : undefined));
    }
  }

  /** Repeats a write while the store is gone. Ends with false when the lease is lost or nobody waits any more. */
  async #persist(write: () => Promise<void>): Promise<boolean> {
    for (let pause = 200; ; pause = Math.min(2_000, pause * 2)) {
      try {
        await write();
        return true;
      } catch (error) {
        const code = isClusterwrightError(error) ? error.code : undefined;
        if (code !== 'store-unavailable') {
          this.close();
          this.onLost(code === 'lease-lost' ? 'another worker has the lease' : `a record was refused: ${error instanceof Error ? error.message : String(error)}`);
          return false;
        }
      }
      if (this.#abandoned) return false;
      await wait(pause);
    }
  }
}
