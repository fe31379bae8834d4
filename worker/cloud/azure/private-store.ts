import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { ListedObject, ObjectContent, PrivateStore } from '../private-store.js';
import type { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';

/** The version of the storage service's interface; requests with tokens have to name one. */
const version = { 'x-ms-version': '2024-08-04' };
const parser = new XMLParser({ isArray: (name) => name === 'Blob', parseTagValue: false });
const blobSchema = z.object({ Name: z.string(), Properties: z.object({ Etag: z.string(), 'Content-Length': z.coerce.number() }) });
/** "List Blobs": https://learn.microsoft.com/rest/api/storageservices/list-blobs. An empty element is read as an empty text. */
const listSchema = z.object({
  EnumerationResults: z.object({ Blobs: z.union([z.literal(''), z.object({ Blob: z.array(blobSchema).default([]) })]), NextMarker: z.string().default('') }),
});

/** The cluster's private container, by its URL. */
export class ContainerStore implements PrivateStore {
  constructor(private readonly connection: AzureConnection, private readonly container: string) {}

  read(key: string): Promise<string | undefined> {
    return calling(`reading ${key}`, async () => {
      try {
        return (await this.connection.send('blob', `${this.container}/${key}`, { headers: version })).text;
      } catch (error) {
        if (error instanceof AzureRefusal && error.isMissing) return undefined;
        throw error;
      }
    });
  }

  async write(key: string, value: unknown): Promise<void> {
    await calling(`writing ${key}`, () => this.connection.send('blob', `${this.container}/${key}`, { method: 'PUT', body: value, headers: { ...version, 'x-ms-blob-type': 'BlockBlob' } }));
  }

  open(key: string): Promise<ObjectContent | undefined> {
    return calling(`reading ${key}`, async () => {
      try {
        return await this.connection.open('blob', `${this.container}/${key}`, version);
      } catch (error) {
        if (error instanceof AzureRefusal && error.isMissing) return undefined;
        throw error;
      }
    });
  }

  async put(key: string, content: ObjectContent): Promise<void> {
    await calling(`writing ${key}`, () => this.connection.put('blob', `${this.container}/${key}`, content, { ...version, 'x-ms-blob-type': 'BlockBlob' }));
  }

  list(prefix: string): Promise<readonly ListedObject[]> {
    return calling(`listing ${prefix}`, async () => {
      const found: z.infer<typeof blobSchema>[] = [];
      for (let marker: string | undefined = ''; marker !== undefined; ) {
        const query = new URLSearchParams({ restype: 'container', comp: 'list', prefix, ...(marker === '' ? {} : { marker }) });
        const { text } = await this.connection.send('blob', `${this.container}?${query.toString()}`, { headers: version });
        const { Blobs, NextMarker } = listSchema.parse(parser.parse(text)).EnumerationResults;
        if (Blobs !== '') found.push(...Blobs.Blob);
        marker = NextMarker === '' ? undefined : NextMarker;
      }
      return found.map(({ Name, Properties }) => ({ key: Name, sizeBytes: Properties['Content-Length'], etag: Properties.Etag }));
    });
  }
}
