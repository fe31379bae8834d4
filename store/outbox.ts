import type { Queue } from 'bullmq';
import { queueNames, type QueueName, type WakeUp } from './contract.js';
import { wakeUpId } from './queue.js';
import type { Store } from './store.js';

/** Time between two sweeps, in ms. */
const sweepMs = 3_000;
/** How long BullMQ may take for one batch, in ms. */
const enqueueLimitMs = 2_000;
/** A sweep begins this much later, so that many writes at once make one batch, in ms. */
const gatherMs = 5;
/** Wake-ups per batch. */
const batch = 200;

/** What the relay needs of the queues and of a pino logger. */
export type WakeUpQueues = Readonly<Record<QueueName, Pick<Queue, 'addBulk'>>>;
/** A job's `traceparent`, where it has one. */
export type TraceOf = (jobId: string) => Promise<string | undefined>;
export interface RelayLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

/**
 * Carries wake-ups from the outbox to BullMQ: at once after a write (`nudge`), and by a sweep every few seconds for what did not get
 * through. Several processes may relay at once: BullMQ takes a wake-up's id once.
 */
export class OutboxRelay {
  readonly #store: Pick<Store, 'dueWakeUps' | 'allWokenUp'>;
  readonly #queues: WakeUpQueues;
  readonly #log: RelayLog;
  readonly #traceOf: TraceOf | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #failing = false;

  /** @param traceOf where wake-ups are to go on with the trace of the request that asked for their job: gives its `traceparent` */
  constructor(store: Pick<Store, 'dueWakeUps' | 'allWokenUp'>, queues: WakeUpQueues, log: RelayLog, traceOf?: TraceOf) {
    this.#store = store;
    this.#queues = queues;
    this.#log = log;
    this.#traceOf = traceOf;
  }

  /** Begins to sweep. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.nudge(), sweepMs);
    this.nudge();
  }

  /** Looks at the outbox now. Returns at once and never throws; a failure is logged, and the sweep repeats. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#sweeping !== undefined) {
      this.#again = true;
      return;
    }
    this.#sweeping = this.#sweep().finally(() => {
      this.#sweeping = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.nudge();
    });
  }

  /** Ends sweeping; what is under way is waited for (at most some seconds). */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      await new Promise((resolve) => setTimeout(resolve, gatherMs));
      for (;;) {
        const due = await this.#store.dueWakeUps(batch);
        await Promise.all(queues.map((queue) => this.#enqueue(queue, due.filter((wakeUp) => wakeUp.queue === queue))));
        if (due.length < batch) break;
      }
      if (this.#failing) this.#log.info({}, 'wake-ups get through again');
      this.#failing = false;
    } catch (error) {
      // Once per outage: the sweep would repeat it every few seconds.
      if (!this.#failing) this.#log.warn({ err: error }, 'wake-ups do not get through; they are kept and repeated');
      this.#failing = true;
    }
  }

  async #enqueue(queue: QueueName, wakeUps: readonly WakeUp[]): Promise<void> {
    if (wakeUps.length === 0) return;
    const jobs = await Promise.all(wakeUps.map(async ({ jobId, attempt }) => {
      const traceparent = await this.#traceOf?.(jobId);
      const opts = { jobId: wakeUpId(jobId, attempt), ...(traceparent === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent }) } }) };
      return { name: queue, data: { id: jobId, attempt }, opts };
    }));
    await limited(this.#queues[queue].addBulk(jobs));
    await this.#store.allWokenUp(wakeUps);
  }
}

const queues = Object.keys(queueNames) as QueueName[];

function limited(work: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the queue did not answer within ${enqueueLimitMs} ms`)), enqueueLimitMs);
    work.then(() => resolve(), reject).finally(() => clearTimeout(timer));
  });
}
