/**
 * The operations that a worker runs at once, of one queue. The queue's consumer takes what is free; a job that lost its worker comes from outside the
 * queue and goes before what has not begun, so the consumer is held to what the others leave.
 */
export class Slots {
  #taken = 0;
  /** Slots of jobs that did not come through the queue. */
  #outside = 0;
  /** Jobs that wait for a slot from outside. */
  #wanted = 0;
  #waiting: (() => void)[] = [];

  /** @param limitConsumer holds the queue's consumer to a number of jobs at once, at least 1 */
  constructor(readonly size: number, private readonly limitConsumer: (atOnce: number) => void) {}

  /** How many operations run. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits for a slot for a job out of the queue. Answers false when the signal came first. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#taken + this.#wanted >= this.size) {
      // The consumer has at least one job at once, which is one too many where all slots are taken from outside.
      const next = new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await next;
      if (signal.aborted) return false;
    } else {
      this.#taken += 1;
    }
    return true;
  }

  /** Takes a slot for a job from outside the queue, if there is a free one. */
  takeOutside(): boolean {
    if (this.#taken >= this.size) return false;
    this.#taken += 1;
    this.#outside += 1;
    this.#limit();
    return true;
  }

  /** Says how many jobs from outside wait for a slot: so many are kept for them as they become free. */
  want(jobs: number): void {
    this.#wanted = jobs;
    this.#limit();
    this.#pass();
  }

  /** Gives a slot back. */
  free(outside: boolean): void {
    this.#taken -= 1;
    if (outside) this.#outside -= 1;
    this.#limit();
    this.#pass();
  }

  #pass(): void {
    while (this.#taken + this.#wanted < this.size) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#taken += 1;
      next();
    }
  }

  #limit(): void {
    this.limitConsumer(Math.max(1, this.size - this.#outside - this.#wanted));
  }
}
