import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ListedObject, ObjectContent, PrivateStore } from '../../worker/cloud/private-store.js';

/** A private store in memory. */
export class StoreInMemory implements PrivateStore {
  readonly objects = new Map<string, Buffer>();
  /** Keys in the order in which they were written. */
  readonly written: string[] = [];

  constructor(objects: Readonly<Record<string, string | Buffer>> = {}) {
    for (const [key, content] of Object.entries(objects)) this.objects.set(key, Buffer.from(content));
  }

  read(key: string): Promise<string | undefined> {
    return Promise.resolve(this.objects.get(key)?.toString('utf8'));
  }

  write(key: string, value: unknown): Promise<void> {
    return this.put(key, { stream: Readable.from([JSON.stringify(value)]), sizeBytes: 0 });
  }

  open(key: string): Promise<ObjectContent | undefined> {
    const found = this.objects.get(key);
    return Promise.resolve(found && { stream: Readable.from([found]), sizeBytes: found.length });
  }

  async put(key: string, { stream }: ObjectContent): Promise<void> {
    this.objects.set(key, await buffer(stream.map((chunk: string | Buffer) => Buffer.from(chunk))));
    this.written.push(key);
  }

  list(prefix: string): Promise<readonly ListedObject[]> {
    return Promise.resolve([...this.objects].filter(([key]) => key.startsWith(prefix)).map(([key, content]) => ({ key, sizeBytes: content.length, etag: content.toString('base64') })));
  }
}
