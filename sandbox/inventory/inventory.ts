import type { Clock } from '../clock.js';
import { itemKey, type Item, type ItemRef, type Kept } from './item.js';
import type { Journal, Table } from './journal.js';

/** Told of changes at once, in the same turn; must not throw. */
export interface InventoryListener {
  created?(item: Item): void;
  updated?(item: Item, before: Item): void;
  deleted?(item: Item): void;
}

/**
 * All resources of the sandbox. Changes take effect at once, so that a check and the change it allows are one step; await
 * `settled()` before telling anybody.
 */
export class Inventory {
  readonly #items: Table<Item>;
  readonly #kept: Table<Kept>;
  readonly #byType = new Map<string, Map<string, Item>>();
  readonly #byParent = new Map<string, Map<string, Item>>();
  readonly #listeners = new Set<InventoryListener>();
  readonly #keptElsewhere: (() => readonly Kept[])[] = [];

  constructor(
    private readonly journal: Journal,
    readonly clock: Clock,
  ) {
    this.#items = journal.table('items');
    this.#kept = journal.table('kept');
    for (const item of this.#items.values()) this.#index(item);
  }

  /** Follows all changes; call the result to stop. Existing items are not repeated: read them with `list`. */
  subscribe(listener: InventoryListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(type: string, id: string): Item | undefined {
    return this.#byType.get(type)?.get(id);
  }

  /** Every item of one type. */
  ofType(type: string): Item[] {
    return [...(this.#byType.get(type)?.values() ?? [])];
  }

  /** Items whose parent is this one, of one type if given. */
  childrenOf(parent: ItemRef, type?: string): Item[] {
    const children = [...(this.#byParent.get(itemKey(parent))?.values() ?? [])];
    return type === undefined ? children : children.filter((item) => item.type === type);
  }

  /** All items, of one cluster if given. */
  list(cluster?: string): Item[] {
    const all = [...this.#items.values()];
    return cluster === undefined ? all : all.filter((item) => item.cluster === cluster);
  }

  /** Items of any type with this id. */
  withId(id: string): Item[] {
    return [...this.#byType.values()].flatMap((items) => items.get(id) ?? []);
  }

  create(item: Item): void {
    if (this.#items.has(itemKey(item))) throw new Error(`${item.type} ${item.id} exists already`);
    this.#items.put(itemKey(item), item);
    this.#index(item);
    for (const listener of this.#listeners) listener.created?.(item);
  }

  /** Replaces an item by a changed copy. */
  update(item: Item): void {
    const before = this.#items.get(itemKey(item));
    if (before === undefined) throw new Error(`${item.type} ${item.id} does not exist`);
    this.#unindex(before);
    this.#items.put(itemKey(item), item);
    this.#index(item);
    for (const listener of this.#listeners) listener.updated?.(item, before);
  }

  /** Removes an item if it is there; its children are the caller's business. */
  delete(ref: ItemRef): void {
    const item = this.#items.get(itemKey(ref));
    if (item === undefined) return;
    this.#items.delete(itemKey(ref));
    this.#unindex(item);
    for (const listener of this.#listeners) listener.deleted?.(item);
  }

  /** Records what the cloud goes on keeping. */
  keep(kept: Kept): void {
    this.#kept.put(itemKey(kept), kept);
  }

  /** Adds a source of kept things that has its own memory, such as the versions in buckets. */
  alsoKept(source: () => readonly Kept[]): void {
    this.#keptElsewhere.push(source);
  }

  /** What is still kept now, of one cluster if given. */
  kept(cluster?: string): Kept[] {
    const now = this.clock.now();
    const all = [...this.#kept.values(), ...this.#keptElsewhere.flatMap((source) => source())];
    const current = all.filter(({ until }) => until === null || until > now);
    return cluster === undefined ? current : current.filter((kept) => kept.cluster === cluster);
  }

  /** Resolves when all changes so far would survive a SIGKILL. */
  settled(): Promise<void> {
    return this.journal.settled();
  }

  #index(item: Item): void {
    bucket(this.#byType, item.type).set(item.id, item);
    if (item.parent !== null) bucket(this.#byParent, itemKey(item.parent)).set(itemKey(item), item);
  }

  #unindex(item: Item): void {
    this.#byType.get(item.type)?.delete(item.id);
    if (item.parent === null) return;
    const siblings = this.#byParent.get(itemKey(item.parent));
    siblings?.delete(itemKey(item));
    if (siblings?.size === 0) this.#byParent.delete(itemKey(item.parent));
  }
}

function bucket(index: Map<string, Map<string, Item>>, key: string): Map<string, Item> {
  const existing = index.get(key);
  if (existing !== undefined) return existing;
  const created = new Map<string, Item>();
  index.set(key, created);
  return created;
}
