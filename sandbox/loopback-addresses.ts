import { randomInt } from 'node:crypto';
import type { Journal, Table } from './inventory/journal.js';

const first = (127 << 24) + (64 << 16);
/** Usable addresses of the range: 254 of every 256. */
const positions = (2 ** 22 / 256) * 254;

/**
 * Gives load balancers addresses of their own out of 127.64.0.0/10, where their listeners can really listen. Handed out in
 * order, persisted, and not used again before all others have been. Each sandbox begins somewhere else, so that several on one machine keep
 * out of each other's way.
 */
export class LoopbackAddresses {
  readonly #table: Table<string | number>;
  readonly #taken = new Map<string, string>();

  constructor(journal: Journal) {
    // The name is from when only AWS had them; homes of then keep their addresses.
    this.#table = journal.table('aws/loopback-addresses');
    for (const [key, value] of this.#table.entries()) if (typeof value === 'string') this.#taken.set(value, key);
  }

  /** An address for this owner. */
  take(owner: string): string {
    let next = this.#table.get('next');
    if (typeof next !== 'number') next = randomInt(1, positions);
    while (this.#taken.has(addressAt(next))) next += 1;
    const address = addressAt(next);
    this.#table.put('next', next + 1);
    this.#table.put(`owner ${owner}`, address);
    this.#taken.set(address, `owner ${owner}`);
    return address;
  }

  /** Gives the owner's address back. */
  release(owner: string): void {
    const address = this.#table.get(`owner ${owner}`);
    if (typeof address === 'string') this.#taken.delete(address);
    this.#table.delete(`owner ${owner}`);
  }
}

/** Addresses ending in 0 or 255 are left out: they read like networks and broadcasts. */
function addressAt(index: number): string {
  const position = (index - 1) % positions;
  const address = first + Math.floor(position / 254) * 256 + (position % 254) + 1;
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
