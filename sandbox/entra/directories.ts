import type { Journal, Table } from '../inventory/journal.js';
import { builtInTenant } from './built-in-tenants.js';
import type { Tenant } from './tenant.js';

/** The directories of all tenants: those that were put, and the built-in ones for all others. */
export class Directories {
  readonly #table: Table<Tenant>;

  constructor(journal: Journal) {
    this.#table = journal.table('entra-tenants');
  }

  /** There is no unknown tenant: a spec may name any. */
  of(tenantId: string): Tenant {
    return this.#table.get(tenantId) ?? builtInTenant(tenantId);
  }

  /** Replaces a tenant's whole directory. */
  put(tenantId: string, tenant: Tenant): void {
    this.#table.put(tenantId, tenant);
  }

  /** Gives a tenant its built-in directory back. */
  forget(tenantId: string): void {
    this.#table.delete(tenantId);
  }
}
