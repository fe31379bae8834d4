import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** One change: table, key, and the new value or null for a removal. */
type Entry = readonly [table: string, key: string, value: unknown];

/**
 * The sandbox's memory: tables in memory, every change appended to one file of JSON lines. What was changed in one turn of
 * the event loop is written by one small append; after `settled()` it outlives a SIGKILL of this process (not a power
 * cut: there is no fsync). Opening replays the file and writes it anew without what has been overtaken.
 */
export class Journal {
  readonly #file: number;
  readonly #loaded: Map<string, Map<string, unknown>>;
  #lines: string[] = [];
  #flush: Promise<void> | undefined;

  private constructor(file: number, loaded: Map<string, Map<string, unknown>>) {
    this.#file = file;
    this.#loaded = loaded;
  }

  /** Opens or creates the file, with the directories above it. */
  static async open(file: string): Promise<Journal> {
    await mkdir(path.dirname(file), { recursive: true });
    const tables = replay(await readFile(file, 'utf8').catch(ignoreMissing));
    const lines = [...tables].flatMap(([table, rows]) => [...rows].map(([key, value]) => line([table, key, value])));
    await writeFile(`${file}.new`, lines.join(''));
    await rename(`${file}.new`, file);
    return new Journal(openSync(file, 'a'), tables);
  }

  /** A table by name; the same rows come back after a restart. Ask for each table once. */
  table<T>(name: string): Table<T> {
    const rows = (this.#loaded.get(name) ?? new Map<string, unknown>()) as Map<string, T>;
    return new Table(rows, (key, value) => this.#append([name, key, value]));
  }

  /** Resolves when everything changed so far is in the file. Await it before answering a request. */
  settled(): Promise<void> {
    return this.#flush ?? Promise.resolve();
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    await this.settled();
    closeSync(this.#file);
  }

  #append(entry: Entry): void {
    this.#lines.push(line(entry));
    this.#flush ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const batch = this.#lines.join('');
        this.#lines = [];
        this.#flush = undefined;
        try {
          writeSync(this.#file, batch);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }
}

/** Rows of one kind by key, in memory and in the journal. */
export class Table<T> {
  readonly #rows: Map<string, T>;
  readonly #record: (key: string, value: T | null) => void;

  constructor(rows: Map<string, T>, record: (key: string, value: T | null) => void) {
    this.#rows = rows;
    this.#record = record;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** Writes a row. Change a row only through this: the object itself must not be altered afterwards. */
  put(key: string, value: T): void {
    this.#rows.set(key, value);
    this.#record(key, value);
  }

  /** Removes a row; says whether there was one. */
  delete(key: string): boolean {
    if (!this.#rows.delete(key)) return false;
    this.#record(key, null);
    return true;
  }

  values(): IterableIterator<T> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#rows.entries();
  }

  get size(): number {
    return this.#rows.size;
  }
}

function line(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** The last line may be torn when the process was killed within a write; nobody was told of that change, so it is dropped. */
function replay(content: string): Map<string, Map<string, unknown>> {
  const tables = new Map<string, Map<string, unknown>>();
  for (const text of content.slice(0, content.lastIndexOf('\n') + 1).split('\n')) {
    if (text === '') continue;
    const [table, key, value] = JSON.parse(text) as Entry;
    const rows = tables.get(table) ?? new Map<string, unknown>();
    tables.set(table, rows);
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }
  return tables;
}

function ignoreMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
