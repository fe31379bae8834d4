import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Journal, Table } from '../inventory/journal.js';

interface Row {
  readonly payload: AdapterPayload;
  /** Milliseconds since the epoch by the machine's clock, which is what tokens go by; null for no end. */
  readonly expiresAt: number | null;
}

/** What flows leave behind until they end: codes, sessions, grants, refresh tokens. It survives a restart. */
export class Artifacts {
  readonly #table: Table<Row>;

  constructor(private readonly journal: Journal) {
    this.#table = journal.table('entra-artifacts');
    for (const [key, row] of [...this.#table.entries()]) if (ended(row)) this.#table.delete(key);
  }

  /** The part for one kind of one tenant, as the library wants it. */
  adapter(tenantId: string, kind: string): Adapter {
    const prefix = `${tenantId}/${kind}/`;
    const find = (wanted: (payload: AdapterPayload) => boolean) => {
      for (const [key, row] of this.#table.entries()) if (key.startsWith(prefix) && !ended(row) && wanted(row.payload)) return row.payload;
      return undefined;
    };
    return {
      upsert: (id, payload, expiresIn) => this.#put(prefix + id, { payload, expiresAt: expiresIn === undefined ? null : Date.now() + expiresIn * 1000 }),
      find: async (id) => {
        const row = this.#table.get(prefix + id);
        return row === undefined || ended(row) ? undefined : row.payload;
      },
      findByUid: async (uid) => find((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => find((payload) => payload.userCode === userCode),
      consume: async (id) => {
        const row = this.#table.get(prefix + id);
        if (row !== undefined) await this.#put(prefix + id, { ...row, payload: { ...row.payload, consumed: Math.floor(Date.now() / 1000) } });
      },
      destroy: async (id) => {
        this.#table.delete(prefix + id);
        await this.journal.settled();
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of [...this.#table.entries()]) if (key.startsWith(`${tenantId}/`) && payload.grantId === grantId) this.#table.delete(key);
        await this.journal.settled();
      },
    };
  }

  async #put(key: string, row: Row): Promise<void> {
    this.#table.put(key, row);
    await this.journal.settled();
  }
}

function ended({ expiresAt }: Row): boolean {
  return expiresAt !== null && expiresAt <= Date.now();
}
