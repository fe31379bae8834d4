import { gzipSync } from 'node:zlib';
import type { KubeObject } from '../../json.js';
import type { ObjectStore } from '../../object-store.js';
import { objectOf, packArchive, unpackArchive, type SavedObject } from './archive.js';

/** What a backup or restore has to tell, as Velero groups it. */
export interface Results {
  readonly namespaces?: Readonly<Record<string, readonly string[]>>;
  readonly velero?: readonly string[];
}

/** The files of Velero below a prefix of a store. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/persistence/object_store_layout.go */
export class BackupStore {
  constructor(private readonly store: ObjectStore, private readonly prefix: string) {}

  /** Names of the backups that are there. */
  names(): Set<string> {
    const folder = this.backups('');
    return new Set(this.store.list(folder).flatMap((key) => key.slice(folder.length).split('/').slice(0, -1)));
  }

  /** The Backup as it was at its end; undefined where that is not there, or not whole. */
  find(name: string): KubeObject | undefined {
    const text = this.store.get(this.backups(`${name}/velero-backup.json`))?.toString('utf8');
    try {
      return text === undefined ? undefined : objectOf(JSON.parse(text));
    } catch {
      // It is being copied: Velero says so in its log, and looks again.
      return undefined;
    }
  }

  /** What a backup has. @throws Error where that cannot be read */
  contents(name: string): SavedObject[] {
    const archive = this.store.get(this.backups(`${name}/${name}.tar.gz`));
    if (archive === undefined) throw new Error(`error downloading backup: there is no ${this.backups(`${name}/${name}.tar.gz`)}`);
    return unpackArchive(archive);
  }

  /** Keeps a backup that is done. Volumes are not in it. */
  put(backup: KubeObject, objects: readonly SavedObject[], now: Date): void {
    const { name } = backup.metadata;
    const resources: Record<string, string[]> = {};
    for (const { object: { apiVersion, kind, metadata } } of objects) (resources[`${apiVersion}/${kind}`] ??= []).push(metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`);
    const files: Readonly<Record<string, unknown>> = { podvolumebackups: [], volumesnapshots: [], volumeinfo: [], itemoperations: [], 'resource-list': resources };
    this.store.put(this.backups(`${name}/velero-backup.json`), JSON.stringify(backup), 'application/json');
    this.store.put(this.backups(`${name}/${name}.tar.gz`), packArchive(objects, now), 'application/gzip');
    for (const [file, content] of Object.entries(files)) this.store.put(this.backups(`${name}/${name}-${file}.json.gz`), gzipSync(JSON.stringify(content)), 'application/gzip');
    this.putTold(this.backups(`${name}/${name}`), {}, {});
  }

  /** Keeps what a restore has to tell. */
  putRestore(name: string, warnings: Results, errors: Results): void {
    this.putTold(`${this.prefix}restores/${name}/restore-${name}`, warnings, errors);
  }

  /** Deletes all files of a backup. */
  delete(name: string): void {
    for (const key of this.store.list(this.backups(`${name}/`))) this.store.delete(key);
  }

  private putTold(start: string, warnings: Results, errors: Results): void {
    this.store.put(`${start}-results.gz`, gzipSync(JSON.stringify({ errors, warnings })), 'application/gzip');
  }

  private backups(rest: string): string {
    return `${this.prefix}backups/${rest}`;
  }
}
