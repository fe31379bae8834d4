import type { Journal, Table } from '../../inventory/journal.js';
import type { KubeObject } from '../json.js';

/** An object as it is kept, with the clock's milliseconds of its last change of spec. */
export interface StoredObject {
  readonly object: KubeObject;
  readonly changedAt: number;
}

/** Key of an object within its kind: `namespace/name`, with an empty namespace for cluster-wide kinds. */
export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** All objects of one API server, by kind and key, with one growing resource version for all. */
export class ObjectTable {
  private readonly rows: Table<StoredObject>;
  private readonly versions: Table<number>;
  private readonly kinds = new Map<string, Map<string, StoredObject>>();
  private lastVersion: number;

  /** The objects that the journal has. */
  constructor(journal: Journal) {
    this.rows = journal.table('objects');
    this.versions = journal.table('versions');
    this.lastVersion = this.versions.get('last') ?? 0;
    for (const [row, stored] of this.rows.entries()) {
      const [kind = '', key = ''] = row.split(' ');
      this.of(kind).set(key, stored);
      this.lastVersion = Math.max(this.lastVersion, Number(stored.object.metadata.resourceVersion));
    }
  }

  /** Resource version of the last write. */
  get version(): number {
    return this.lastVersion;
  }

  get(kind: string, key: string): StoredObject | undefined {
    return this.kinds.get(kind)?.get(key);
  }

  /** All objects of a kind, with their keys. */
  entries(kind: string): [string, StoredObject][] {
    return [...(this.kinds.get(kind) ?? [])];
  }

  /** Every object of every kind: `[kind, key, stored]`. */
  everything(): [string, string, StoredObject][] {
    return [...this.kinds].flatMap(([kind, objects]) => [...objects].map(([key, stored]): [string, string, StoredObject] => [kind, key, stored]));
  }

  /** Keeps an object with a new resource version; answers it as kept. */
  put(kind: string, key: string, object: KubeObject, changedAt: number): KubeObject {
    this.lastVersion += 1;
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.lastVersion) } };
    const stored = { object: kept, changedAt };
    this.of(kind).set(key, stored);
    this.rows.put(`${kind} ${key}`, stored);
    return kept;
  }

  /** Forgets an object. Its deletion has a resource version too, which is kept by itself. */
  remove(kind: string, key: string): void {
    if (this.kinds.get(kind)?.delete(key) !== true) return;
    this.lastVersion += 1;
    this.rows.delete(`${kind} ${key}`);
    this.versions.put('last', this.lastVersion);
  }

  /** Keeps these objects (as `everything` has them) in the place of all that there are. Each write is one of its own: resource versions go on growing. */
  replace(rows: readonly [string, string, StoredObject][]): void {
    const kept = new Set(rows.map(([kind, key]) => `${kind} ${key}`));
    for (const [kind, key] of this.everything()) if (!kept.has(`${kind} ${key}`)) this.remove(kind, key);
    for (const [kind, key, { object, changedAt }] of rows) this.put(kind, key, object, changedAt);
  }

  private of(kind: string): Map<string, StoredObject> {
    let objects = this.kinds.get(kind);
    if (objects === undefined) this.kinds.set(kind, (objects = new Map<string, StoredObject>()));
    return objects;
  }
}
