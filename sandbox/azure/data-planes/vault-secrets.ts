import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Journal, Table } from '../../inventory/journal.js';
import * as tokens from '../types/tokens.js';

/** One version of a secret. */
export interface SecretVersion {
  readonly version: string;
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** A secret with all its versions, the newest last. */
export interface Secret {
  /** Id of its vault, and its name there. */
  readonly vault: string;
  readonly name: string;
  readonly versions: readonly SecretVersion[];
  /** When it was deleted; it is kept until its vault's retention is over. */
  readonly deletedAt: number | null;
}

/** The secrets in all vaults. They go with their vault: what a soft-deleted vault keeps cannot be read. */
export class VaultSecrets {
  readonly #table: Table<Secret>;

  constructor(journal: Journal, inventory: Inventory, private readonly clock: Clock) {
    this.#table = journal.table('azure/secrets');
    inventory.subscribe({
      deleted: ({ type, id }) => {
        if (type === tokens.vault) for (const { name } of this.#of(id)) this.#table.delete(keyOf(id, name));
      },
    });
  }

  /** A secret that is there. */
  get(vault: string, name: string): Secret | undefined {
    const secret = this.#table.get(keyOf(vault, name));
    return secret?.deletedAt === null ? secret : undefined;
  }

  /** All of a vault that are there, by name. */
  list(vault: string): Secret[] {
    return this.#of(vault).filter(({ deletedAt }) => deletedAt === null).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Sets a new version. A deleted secret keeps its name: undefined. */
  set(vault: string, name: string, value: string): Secret | undefined {
    const before = this.#table.get(keyOf(vault, name));
    if (before !== undefined && before.deletedAt !== null) return undefined;
    const version = { version: randomBytes(16).toString('hex'), value, created: this.clock.now() };
    const secret: Secret = { vault, name, versions: [...(before?.versions ?? []), version], deletedAt: null };
    this.#table.put(keyOf(vault, name), secret);
    return secret;
  }

  /** Deletes a secret softly. */
  delete(vault: string, name: string): Secret | undefined {
    const secret = this.get(vault, name);
    if (secret === undefined) return undefined;
    const deleted = { ...secret, deletedAt: this.clock.now() };
    this.#table.put(keyOf(vault, name), deleted);
    return deleted;
  }

  #of(vault: string): Secret[] {
    return [...this.#table.values()].filter((secret) => secret.vault.toLowerCase() === vault.toLowerCase());
  }
}

/** Names of secrets have no case. */
function keyOf(vault: string, name: string): string {
  return `${vault}|${name}`.toLowerCase();
}
