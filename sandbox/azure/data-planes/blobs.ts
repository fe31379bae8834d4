import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Clock } from '../../clock.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Journal, Table } from '../../inventory/journal.js';
import * as tokens from '../types/tokens.js';

/** A block blob. */
export interface Blob {
  /** Id of its container, and its name there. */
  readonly container: string;
  readonly name: string;
  readonly etag: string;
  /** Base64. */
  readonly body: string;
  readonly contentType: string;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** The blobs of all containers. They go with their container, which goes with its account. */
export class Blobs {
  readonly #table: Table<Blob>;
  /** Emits `written` with the name of each blob that is put. */
  readonly events = new EventEmitter<{ written: [string] }>();

  constructor(journal: Journal, inventory: Inventory, private readonly clock: Clock) {
    this.#table = journal.table('azure/blobs');
    inventory.subscribe({
      deleted: ({ type, id }) => {
        if (type === tokens.blobContainer) for (const { name } of this.list(id, '')) this.delete(id, name);
      },
    });
  }

  get(container: string, name: string): Blob | undefined {
    return this.#table.get(keyOf(container, name));
  }

  /** Those whose names begin with a prefix, by name. */
  list(container: string, prefix: string): Blob[] {
    return [...this.#table.values()].filter((blob) => blob.container.toLowerCase() === container.toLowerCase() && blob.name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(container: string, name: string, body: Buffer, contentType: string): Blob {
    const blob: Blob = { container, name, etag: `0x8D${randomBytes(6).toString('hex').toUpperCase()}`, body: body.toString('base64'), contentType, modifiedAt: this.clock.now() };
    this.#table.put(keyOf(container, name), blob);
    this.events.emit('written', name);
    return blob;
  }

  delete(container: string, name: string): void {
    this.#table.delete(keyOf(container, name));
  }
}

/** Ids have no case, names of blobs do. */
function keyOf(container: string, name: string): string {
  return `${container.toLowerCase()}|${name}`;
}
