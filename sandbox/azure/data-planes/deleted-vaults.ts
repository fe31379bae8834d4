import type { Clock } from '../../clock.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Journal, Table } from '../../inventory/journal.js';
import { tagMap } from '../../inventory/tags.js';
import { number, object, text } from '../../provider/properties.js';
import { nameOf } from '../ids.js';
import * as tokens from '../types/tokens.js';

interface DeletedVault {
  readonly id: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly deletedAt: number;
  readonly purgeAt: number;
}

const dayMs = 86_400_000;

/** Vaults in the time between their deletion and their end. */
export class DeletedVaults {
  readonly #table: Table<DeletedVault>;

  constructor(journal: Journal, inventory: Inventory, private readonly clock: Clock) {
    this.#table = journal.table('azure/deleted-vaults');
    inventory.subscribe({
      deleted: ({ type, id, outputs }) => {
        if (type !== tokens.vault) return;
        const days = number(object(outputs, 'properties'), 'softDeleteRetentionInDays') ?? 90;
        this.#table.put(id, { id, location: text(outputs, 'location') ?? '', tags: tagMap(outputs['tags']), deletedAt: clock.now(), purgeAt: clock.now() + days * dayMs });
      },
    });
  }

  /** As Resource Manager lists them. https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted */
  list(subscription: string): object[] {
    return [...this.#table.values()].filter(({ purgeAt }) => purgeAt > this.clock.now()).map(({ id, location, tags, deletedAt, purgeAt }) => ({
      id: `${subscription}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${nameOf(id)}`, name: nameOf(id), type: 'Microsoft.KeyVault/deletedVaults',
      properties: { vaultId: id, location, tags, deletionDate: new Date(deletedAt).toISOString(), scheduledPurgeDate: new Date(purgeAt).toISOString(), purgeProtectionEnabled: true },
    }));
  }
}
