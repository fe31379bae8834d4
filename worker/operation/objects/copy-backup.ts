import { setTimeout as wait } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { veleroFolders } from '../../../model/objects-backup.js';
import type { ObjectContent, PrivateStore } from '../../cloud/private-store.js';
import { backupRecord, copyName, renamedRecord, renamedVolumes, savedVolumes } from './copied-backup.js';

/** What kopia writes first of a repository, and what makes it one. */
const formatBlob = 'kopia.repository';
/** What every process that opens a repository writes, and nothing is restored from. https://kopia.io/docs/advanced/architecture/ */
const notNeeded = /^(_log_|kopia\.maintenance$)/;

/** Objects copied at once. */
const atOnce = 8;
/** How often an object is tried, and the pause before the next time, in milliseconds. */
const [tries, pauseMs] = [4, 2_000] as const;
/** How often a repository is looked through anew because its cluster has written to it meanwhile. */
const rounds = 10;

/** Which backup is copied, and for which namespaces. */
export interface BackupCopy {
  /** Its name in the other cluster. */
  readonly backup: string;
  readonly of: { readonly name: string; readonly uid: string };
  /** Those whose volumes' files come along. The objects are in one file, and come all. */
  readonly namespaces: readonly string[];
}

/** Who follows a copy. */
export interface CopyWatch {
  readonly signal: AbortSignal;
  /** Told after each object: how many are there by now, of how many that are known. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Copies a backup of Velero's from one cluster's private store into another's, under a name that says whose it is, and answers that name. The other cluster's Velero finds it by itself. Nothing that is there is
 * overwritten, and what is there of an earlier attempt is not copied again. The record by which Velero finds the backup goes last, as in a repository of files what makes it one: a copy that was cut off is none.
 * Throws `backup-unusable` where the backup is gone, or where the target has a repository for the same namespace that is not, or not any more, the same.
 */
export async function copyBackup(source: PrivateStore, target: PrivateStore, { backup, of, namespaces }: BackupCopy, watch: CopyWatch): Promise<string> {
  const folder = `${veleroFolders.backups}${backup}/`;
  const record = await source.read(`${folder}velero-backup.json`);
  if (record === undefined) throw new ClusterwrightError('backup-unusable', `The private store of ${of.name} has no backup ${backup} of Velero's any more.`, { resource: backup });
  const volumesFile = `${backup}-podvolumebackups.json.gz`;
  const packed = await source.open(folder + volumesFile);
  const volumes = packed === undefined ? [] : savedVolumes(await buffer(packed.stream)).filter(({ spec }) => namespaces.includes(spec.pod.namespace));
  const withFiles = [...new Set(volumes.map(({ spec }) => spec.pod.namespace))];
  const name = copyName(of, backup, withFiles);
  const copy = `${veleroFolders.backups}${name}/`;
  if ((await target.list(`${copy}velero-backup.json`)).length > 0) return name;

  // All of them are looked at before anything is written.
  for (const namespace of withFiles) await missingIn(source, target, namespace);
  const counted = counter(watch);
  for (const namespace of withFiles) await copyRepository(source, target, namespace, watch.signal, counted);
  const there = await sizesIn(target, copy);
  const files = (await source.list(folder)).map(({ key, sizeBytes }) => ({ key, to: copy + renamed(key.slice(folder.length), backup, name), sizeBytes }))
    .filter(({ key, to, sizeBytes }) => ![`${folder}velero-backup.json`, folder + volumesFile].includes(key) && there.get(to) !== sizeBytes);
  await copyAll(source, target, files, watch.signal, counted);
  if (packed !== undefined) {
    const content = renamedVolumes(volumes, backup, name);
    await target.put(copy + renamed(volumesFile, backup, name), { stream: Readable.from([content]), sizeBytes: content.length });
  }
  await target.write(`${copy}velero-backup.json`, renamedRecord(backupRecord(record), name));
  return name;
}

/** The files of a backup begin with its name. */
function renamed(file: string, backup: string, name: string): string {
  return file.startsWith(backup) ? name + file.slice(backup.length) : file;
}

/** Copies a namespace's repository until nothing of it is missing: its own cluster may add to it, and pack it anew, at any time. */
async function copyRepository(source: PrivateStore, target: PrivateStore, namespace: string, signal: AbortSignal, counted: Counter): Promise<void> {
  for (let round = 1; ; round += 1) {
    const missing = await missingIn(source, target, namespace);
    if (missing.length === 0) return;
    const others = missing.filter(({ key }) => !isFormat(key));
    if (round > rounds) throw new ClusterwrightError('backup-unusable', `The files of the volumes of ${namespace} change faster than they are copied.`, { resource: namespace, hint: 'Try again when the other cluster is not saving any.' });
    // What makes it a repository goes when nothing else is missing.
    await copyAll(source, target, others.length > 0 ? others : missing, signal, counted);
  }
}

interface Missing {
  readonly key: string;
  readonly to: string;
  readonly sizeBytes: number;
}

/**
 * What the target lacks of a namespace's repository. Two repositories, or two that were one and have been written to since, cannot be put together: each has its own indexes, and what one does not
 * know it takes for waste. So a repository that the target's Velero has made, or gone on with, takes nothing more.
 */
async function missingIn(source: PrivateStore, target: PrivateStore, namespace: string): Promise<Missing[]> {
  const folder = `${veleroFolders.repositories}${namespace}/`;
  const [theirs, own] = await Promise.all([sizesIn(source, folder), sizesIn(target, folder)]);
  const missing = [...theirs].flatMap(([key, sizeBytes]) => (own.get(key) === sizeBytes ? [] : [{ key, to: key, sizeBytes }]));
  if (own.has(folder + formatBlob) && missing.length > 0) {
    const [their, ours] = await Promise.all([source.read(folder + formatBlob), target.read(folder + formatBlob)]);
    const isSame = their !== undefined && identityOf(their) === identityOf(ours ?? '');
    if (!isSame || [...own.keys()].some((key) => !theirs.has(key))) {
      throw new ClusterwrightError('backup-unusable', `The cluster's own Velero ${isSame ? 'has gone on with' : 'keeps'} files of the volumes of ${namespace} under the same name: those of the other cluster would destroy them.`, {
        resource: namespace, hint: 'Restore from a backup without files (an hourly one), without this namespace, or into a new cluster.',
      });
    }
  }
  return missing;
}

/** What tells a repository from any other: https://pkg.go.dev/github.com/kopia/kopia/repo/format#KopiaRepositoryJSON */
function identityOf(format: string): string {
  try {
    const { uniqueID } = JSON.parse(format) as { uniqueID?: unknown };
    return typeof uniqueID === 'string' ? uniqueID : format;
  } catch {
    return format;
  }
}

function isFormat(key: string): boolean {
  return key.endsWith(`/${formatBlob}`);
}

async function sizesIn(store: PrivateStore, folder: string): Promise<Map<string, number>> {
  return new Map((await store.list(folder)).filter(({ key }) => !notNeeded.test(key.slice(folder.length))).map(({ key, sizeBytes }) => [key, sizeBytes]));
}

/** Counts objects for who follows the copy. */
interface Counter {
  add(count: number): void;
  done(): void;
}

function counter({ onProgress }: CopyWatch): Counter {
  let [done, total] = [0, 0];
  return {
    add: (count) => {
      total += count;
    },
    done: () => onProgress(done += 1, total),
  };
}

/** Copies some objects, several at once. One that has gone meanwhile is left out. */
async function copyAll(source: PrivateStore, target: PrivateStore, objects: readonly Missing[], signal: AbortSignal, counted: Counter): Promise<void> {
  const waiting = [...objects];
  counted.add(waiting.length);
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await copyObject(source, target, next, either).catch((error: unknown) => {
        others.abort(error);
        throw error;
      });
      counted.done();
    }
  }));
}

/** What a cloud refuses is not tried again; a connection that breaks is. */
async function copyObject(source: PrivateStore, target: PrivateStore, { key, to }: Missing, signal: AbortSignal): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    signal.throwIfAborted();
    let content: ObjectContent | undefined;
    try {
      content = await source.open(key);
      if (content !== undefined) await target.put(to, content);
      return;
    } catch (error) {
      content?.stream.destroy();
      if (turn === tries || (isClusterwrightError(error) && error.code !== 'cloud-throttled')) throw error;
      await wait(turn * pauseMs, undefined, { signal });
    }
  }
}
