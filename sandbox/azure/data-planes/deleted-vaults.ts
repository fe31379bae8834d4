import type { Clock } from '../../clock.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Journal, Table } from '../../inventory/journal.js';
import { tagMap } from '../../inventory/tags.js';
import { text } from '../../provider/properties.js';
import { nameOf } from '../ids.js';
import * as tokens from '../types/tokens.js';

interface DeletedVault {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly deletedAt: number;
}

/** Vaults in the time between their deletion and their end, which is the inventory's: it keeps their names. */
export class DeletedVaults {
  readonly #table: Table<DeletedVault>;

  constructor(journal: Journal, private readonly inventory: Inventory, clock: Clock) {
    this.#table = journal.table('azure/deleted-vaults');
    inventory.subscribe({
      deleted: ({ type, id, outputs }) => {
        if (type !== tokens.vault) return;
        this.#table.put(id, { id, location: text(outputs, 'location') ?? '', tags: tagMap(outputs['tags']), deletedAt: clock.now() });
      },
    });
  }

  /** As Resource Manager lists them. https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted */
  list(subscription: string): object[] {
    const until = new Map(this.inventory.kept().map((kept) => [kept.id, kept.until ?? 0]));
    return [...this.#table.values()].flatMap(({ id: vaultId, location, tags, deletedAt }) => {
      const id = `${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${nameOf(vaultId)}`;
      const purgeAt = until.get(id);
      return purgeAt === undefined ? [] : {
        id, name: nameOf(vaultId), type: 'Microsoft.KeyVault/deletedVaults',
        properties: { vaultId, location, tags, deletionDate: new Date(deletedAt).toISOString(), scheduledPurgeDate: new Date(purgeAt).toISOString(), purgeProtectionEnabled: true },
      };
    });
  }
}
