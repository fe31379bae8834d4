import type { Queue } from 'bullmq';
import type { Logger } from 'pino';
import type { PlannedDelivery, WebhookChange } from '../../model/webhook-delivery.js';
import type { Webhook } from '../../model/webhooks.js';
import type { Store } from '../../store/store.js';
import { deliveriesOf, deliveriesOfEnd } from './plan.js';

/** Changes and deliveries per round of work. */
const batch = 200;

/** What the queue carries: which delivery to make, and in which round. All else is read from the store. */
export interface DeliveryData {
  readonly id: string;
  readonly round: number;
}

/** What the relay is made of. */
export interface WebhookRelayParts {
  readonly store: Pick<Store, 'getCluster' | 'getJob' | 'getReport' | 'webhooks'>;
  /** Webhooks of the service. */
  readonly webhooks: readonly Webhook[];
  /** Undefined where this process cannot sign: deliveries are planned, and wait for a worker that can. */
  readonly queue: Pick<Queue<DeliveryData>, 'addBulk'> | undefined;
  readonly log: Logger;
}

/** Times of the relay, in milliseconds. */
export interface RelayTimes {
  /** Between two looks at the outbox. */
  readonly sweepMs: number;
  /** After which a delivery is given to the queue again, counted from its next try: queues may lose what they were given. */
  readonly repeatMs: number;
}

export const defaultRelayTimes: RelayTimes = { sweepMs: 1_000, repeatMs: 60_000 };

/** Carries what has happened from the outbox into planned deliveries, and these to the queue. Several workers may do so at once. */
export class WebhookRelay {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #failing = false;
  #waiting = false;

  constructor(private readonly parts: WebhookRelayParts, private readonly times: RelayTimes) {}

  /** Begins to sweep. */
  start(): void {
    this.#timer = setInterval(() => this.#nudge(), this.times.sweepMs);
    this.#nudge();
  }

  /** Ends sweeping; what is under way is waited for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  #nudge(): void {
    this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = undefined));
  }

  async #sweep(): Promise<void> {
    const { log } = this.parts;
    try {
      while (await this.#planChanges()) continue;
      while (await this.#handOver()) continue;
      if (this.#failing) log.info({}, 'webhooks get through again');
      this.#failing = false;
    } catch (error) {
      // Once per outage: the next sweep would say so again.
      if (!this.#failing) log.warn({ err: error }, 'webhooks do not get through; they are kept and repeated');
      this.#failing = true;
    }
  }

  /** Plans a batch of changes. Answers whether there may be more. */
  async #planChanges(): Promise<boolean> {
    const { store } = this.parts;
    const changes = await store.webhooks.changes(batch);
    for (const change of changes) await store.webhooks.plan(change.id, await this.#deliveriesOf(change));
    return changes.length === batch;
  }

  async #deliveriesOf(change: WebhookChange): Promise<PlannedDelivery[]> {
    const { store, webhooks } = this.parts;
    if (change.change === 'expiring') {
      const [cluster, report] = await Promise.all([store.getCluster(change.cluster), store.getReport(change.cluster, 'expiries')]);
      return deliveriesOfEnd(change, cluster, report?.expiries ?? [], webhooks);
    }
    const job = await store.getJob(change.job);
    // A job that is no longer kept has nobody to tell.
    return job === undefined ? [] : deliveriesOf(change, job, webhooks);
  }

  /** Gives a batch of deliveries to the queue. Answers whether there may be more. */
  async #handOver(): Promise<boolean> {
    const { store, queue, log } = this.parts;
    const due = await store.webhooks.due(batch);
    if (due.length === 0) return false;
    if (queue === undefined) {
      if (!this.#waiting) log.warn({ deliveries: due.length }, 'webhooks wait: this worker has no signing secret (CLUSTERWRIGHT_WEBHOOK_SECRET_FILE)');
      this.#waiting = true;
      return false;
    }
    await queue.addBulk(due.map(({ id, round, delayMs }) => ({ name: 'delivery', data: { id, round }, opts: { jobId: `${id}.${round}`, delay: delayMs } })));
    await store.webhooks.queued(due.map(({ id }) => id), this.times.repeatMs);
    return due.length === batch;
  }
}
