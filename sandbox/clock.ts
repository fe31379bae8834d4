import type { Journal, Table } from './inventory/journal.js';

// Node's timers overflow above this; longer waits are cut into several.
const longestTimer = 2 ** 31 - 1;

/**
 * The sandbox's time: the machine's, plus what was skipped on request. All stamps and waits of the sandbox use it, so that
 * a key's waiting period of a month can be watched to its end. What was skipped survives a restart.
 */
export class Clock {
  readonly #table: Table<number>;
  #skipped: number;
  readonly #sleepers = new Set<() => void>();

  constructor(journal: Journal) {
    this.#table = journal.table('clock');
    this.#skipped = this.#table.get('skipped') ?? 0;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#skipped;
  }

  /** The time as RFC 3339 text. */
  timestamp(): string {
    return new Date(this.now()).toISOString();
  }

  /** Skips time; whoever waits for a moment that has passed now goes on at once. */
  advance(seconds: number): void {
    this.#skipped += seconds * 1000;
    this.#table.put('skipped', this.#skipped);
    for (const wake of [...this.#sleepers]) wake();
  }

  /** Resolves at that moment, at once if it has passed. Rejects with the signal's reason when aborted. */
  async until(moment: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    while (this.now() < moment) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#sleepers.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.min(moment - this.now(), longestTimer));
        this.#sleepers.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
      signal?.throwIfAborted();
    }
  }
}
