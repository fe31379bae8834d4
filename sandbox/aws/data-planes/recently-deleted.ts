import type { Inventory } from '../../inventory/inventory.js';
import type { Item } from '../../inventory/item.js';
import * as tokens from '../types/tokens.js';

/** Kinds whose tags are still found for about an hour after they are gone, and for how long, in milliseconds. */
const lingering: ReadonlySet<string> = new Set([tokens.instance, tokens.natGateway]);
const lingerMs = 3_600_000;

interface Gone {
  readonly item: Item;
  readonly until: number;
}

const gone = new WeakMap<Inventory, Gone[]>();

/** From now on remembers what the index of tags goes on showing: terminated instances, deleted NAT gateways. Only in memory. */
export function rememberDeleted(inventory: Inventory): void {
  const items: Gone[] = [];
  gone.set(inventory, items);
  inventory.subscribe({
    deleted: (item) => {
      if (lingering.has(item.type)) items.push({ item, until: inventory.clock.now() + lingerMs });
    },
  });
}

/** What is gone and still shown. */
export function recentlyDeleted(inventory: Inventory): Item[] {
  return (gone.get(inventory) ?? []).filter(({ until }) => until > inventory.clock.now()).map(({ item }) => item);
}
