import { isClusterwrightError } from '../../model/errors.js';
import type { Cancellation } from '../../model/job.js';
import type { Lease } from '../../store/contract.js';
import type { Store } from '../../store/store.js';

/** Times of a lease, in milliseconds. */
export interface LeaseTimes {
  /** How long a lease holds after a renewal. */
  readonly ttl: number;
  /** How often it is renewed. */
  readonly every: number;
  /** How long before its end the operation is given up, so that nobody works on a cluster that another may have taken over. */
  readonly margin: number;
}

/** The times that all workers use. */
export const leaseTimes: LeaseTimes = { ttl: 30_000, every: 2_000, margin: 5_000 };

/** An answer that took longer than this is not passed on: the process was stopped meanwhile, and by now the lease may be somebody else's. */
const freshMs = 3_000;

/** Who hears of a lease. */
export interface LeaseListener {
  /** After each renewal, with what somebody wants of the job meanwhile. */
  onRenewed(cancellation: Cancellation | null): void;
  /** Once: when somebody else has the lease, or when it could not be renewed for TTL − margin. */
  onLost(reason: string): void;
}

/** Renews a lease until it is stopped or lost. A renewal counts from the moment when it was asked for. */
export class LeaseKeeper {
  #renewedAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #asking = false;
  #nextAt: number;

  constructor(
    private readonly store: Pick<Store, 'renew'>,
    private readonly lease: Lease,
    private readonly listener: LeaseListener,
    private readonly times: LeaseTimes = leaseTimes,
  ) {
    this.#nextAt = this.#renewedAt + times.every;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), Math.min(1_000, this.times.every));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#renewedAt >= this.times.ttl - this.times.margin) return this.#lose('the lease could not be renewed in time');
    if (this.#asking || now < this.#nextAt) return;
    this.#asking = true;
    this.store.renew(this.lease, this.times.ttl).then(
      (cancellation) => {
        this.#renewedAt = now;
        this.#nextAt = now + this.times.every;
        if (this.#timer !== undefined && Date.now() - now < freshMs) this.listener.onRenewed(cancellation);
      },
      (error: unknown) => {
        if (isClusterwrightError(error) && error.code === 'lease-lost') this.#lose('another worker has the lease');
        // Anything else may pass: it is tried again at the next tick, until time is up.
      },
    ).finally(() => (this.#asking = false));
  }

  #lose(reason: string): void {
    if (this.#timer === undefined) return;
    this.stop();
    this.listener.onLost(reason);
  }
}
