import type { Inventory } from './inventory/inventory.js';
import type { Item } from './inventory/item.js';
import { identity } from './inventory/tags.js';
import type { PropertyMap, PropertyValue } from './protocol/values.js';

/** Changes behind the engine's back, as somebody in the cloud's console would make them: no checks, no latency. */
export class Drift {
  constructor(private readonly inventory: Inventory) {}

  /** Removes an item; what depends on it is left dangling. */
  delete(item: Item): void {
    this.inventory.delete(item);
  }

  /** Sets top-level properties, in inputs and outputs alike; null removes one. */
  mutate(item: Item, properties: PropertyMap): void {
    const outputs = merged(item.outputs, properties);
    // AWS shows all tags beside those that were given.
    if ('tags' in properties && 'tagsAll' in item.outputs && !Array.isArray(properties['tags'])) outputs['tagsAll'] = properties['tags'] ?? {};
    const owner = 'tags' in properties ? identity(outputs['tags']) : item;
    const { cluster, uid, resource } = owner;
    this.inventory.update({ ...item, cluster, uid, resource, inputs: merged(item.inputs, properties), outputs });
  }
}

function merged(old: PropertyMap, change: PropertyMap): PropertyMap {
  const entries = Object.entries({ ...old, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, PropertyValue] => entry[1] !== null));
}
