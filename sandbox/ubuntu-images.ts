import type { Clock } from './clock.js';
import type { Journal, Table } from './inventory/journal.js';

/** The image that every sandbox begins with. */
const first = '20261103';

/**
 * The images of Ubuntu that Canonical has published, by their serials: `20261103`, or `20261103.1` for the second one of a day. Each cloud makes ids and versions of its own of them. What was published on request
 * survives a restart; what is in an image is the same for all of them.
 */
export class UbuntuImages {
  readonly #table: Table<readonly string[]>;

  constructor(journal: Journal, private readonly clock: Clock) {
    this.#table = journal.table('ubuntu-images');
  }

  /** All of them, the newest last. */
  serials(): readonly string[] {
    return [first, ...(this.#table.get('published') ?? [])];
  }

  /** What new machines are made from. */
  newest(): string {
    return this.serials().at(-1) ?? first;
  }

  /** Publishes another one, of today. */
  publish(): string {
    const [last = first, number = '0'] = this.newest().split('.');
    const today = this.clock.timestamp().slice(0, 10).replaceAll('-', '');
    const serial = today > last ? today : `${last}.${Number(number) + 1}`;
    this.#table.put('published', [...(this.#table.get('published') ?? []), serial]);
    return serial;
  }
}

/** When an image was published: at midnight of its day, RFC 3339. */
export function publishedAt(serial: string): string {
  return `${serial.slice(0, 4)}-${serial.slice(4, 6)}-${serial.slice(6, 8)}T00:00:00.000Z`;
}
