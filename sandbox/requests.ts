import type { Clock } from './clock.js';
import type { Fault, Faults, Target } from './faults.js';
import type { Latency } from './latency.js';

/** The cloud answered "Rate exceeded" more often than a provider is willing to ask. */
export class Throttled extends Error {}
/** A fault of kind `fail`, or an answer lost on its way. */
export class Struck extends Error {}

/** The caller may not do this: a fault of kind `deny`. */
export class Denied extends Struck {}

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** How often a throttled request is repeated before it fails; vendors' providers repeat 25 times. */
  readonly retries: number;
}

const never = Number.POSITIVE_INFINITY;

/** Runs requests of providers through the faults that were asked for. */
export class Requests {
  constructor(
    private readonly faults: Faults,
    private readonly clock: Clock,
    private readonly latency: Latency,
  ) {}

  /**
   * Meets the faults that come before the effect, performs it, then those that come after. Without a fault this only calls
   * `perform`.
   */
  async run<T>(target: Target, options: RequestOptions, perform: () => Promise<T>): Promise<T> {
    const lost = await this.#before(target, options);
    const result = await perform();
    if (lost === undefined) return result;
    await this.clock.until(this.clock.now() + (lost.seconds ?? 0) * 1000, options.signal);
    throw new Struck(lost.message ?? 'RequestError: send request failed, caused by: read: connection reset by peer');
  }

  /** Actions that callers may not do now, by faults of kind `deny`. */
  denied(): readonly string[] {
    return this.faults.denied();
  }

  /** Waits for a moment of sandbox time, such as an item's `readyAt`. */
  ready(moment: number, signal: AbortSignal): Promise<void> {
    return this.clock.until(moment, signal);
  }

  async #before(target: Target, { signal, retries }: RequestOptions): Promise<Fault | undefined> {
    for (let attempt = 0; ; ) {
      const fault = this.faults.strike(target);
      if (fault === undefined) return undefined;
      switch (fault.kind) {
        case 'fail':
          throw new Struck(fault.message ?? 'InternalError: An internal error has occurred');
        case 'throttle':
          attempt += 1;
          if (attempt > retries) throw new Throttled(fault.message ?? `exceeded maximum number of attempts, ${retries}, ThrottlingException: Rate exceeded`);
          await this.clock.until(this.clock.now() + this.#backOff(attempt, fault), signal);
          break;
        case 'stall':
          // One fault for one request: the next one is stalled by the next.
          await this.clock.until(fault.seconds === undefined ? never : this.clock.now() + fault.seconds * 1000, signal);
          return undefined;
        case 'lose-answer':
          return fault;
        case 'deny':
          throw new Denied(fault.message ?? `AccessDenied: the caller is not authorized to perform ${target.type}`);
      }
    }
  }

  /** The vendors' SDKs double their waits up to 20 seconds. */
  #backOff(attempt: number, fault: Fault): number {
    return fault.seconds === undefined ? this.latency.milliseconds(Math.min(2 ** attempt, 20)) : fault.seconds * 1000;
  }
}
