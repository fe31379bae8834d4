import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { nodeStepPrefix, nodeStepSchema, type NodeStep } from '../../../model/rendezvous.js';
import type { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';
import type { FreshGrants } from './fresh-grants.js';

/** The version of the storage service's interface; requests with tokens have to name one. */
const headers = { 'x-ms-version': '2024-08-04' };
const blobSchema = z.object({ Name: z.string(), Properties: z.object({ Etag: z.string() }) });
/** "List Blobs": https://learn.microsoft.com/rest/api/storageservices/list-blobs. An empty element is read as an empty text. */
const listSchema = z.object({
  EnumerationResults: z.object({ Blobs: z.union([z.literal(''), z.object({ Blob: z.array(blobSchema).default([]) })]), NextMarker: z.string().default('') }),
});

/** The nodes' step blobs in the cluster's private container. A blob is read again only when it has changed. */
export class NodeStepReader {
  readonly #parser = new XMLParser({ isArray: (name) => name === 'Blob', parseTagValue: false });
  readonly #read = new Map<string, { etag: string; step: NodeStep | undefined }>();

  constructor(private readonly connection: AzureConnection, private readonly grants: FreshGrants) {}

  /** Every node's last step; `container` is the container's URL. None as long as the worker's right to read it takes hold. */
  steps(container: string): Promise<NodeStep[]> {
    return this.grants.awaited([], () => calling(`reading the nodes' steps from ${container}`, async () => {
      const blobs = await this.#list(container);
      const steps = await Promise.all(blobs.map(({ Name, Properties: { Etag } }) => this.#step(container, Name, Etag)));
      return steps.filter((step) => step !== undefined);
    }));
  }

  async #list(container: string): Promise<z.infer<typeof blobSchema>[]> {
    const found: z.infer<typeof blobSchema>[] = [];
    for (let marker: string | undefined = ''; marker !== undefined; ) {
      const query = new URLSearchParams({ restype: 'container', comp: 'list', prefix: nodeStepPrefix, ...(marker === '' ? {} : { marker }) });
      const { text } = await this.connection.send('blob', `${container}?${query.toString()}`, { headers });
      const { Blobs, NextMarker } = listSchema.parse(this.#parser.parse(text)).EnumerationResults;
      if (Blobs !== '') found.push(...Blobs.Blob);
      marker = NextMarker === '' ? undefined : NextMarker;
    }
    return found;
  }

  async #step(container: string, name: string, etag: string): Promise<NodeStep | undefined> {
    const url = `${container}/${name}`;
    const known = this.#read.get(url);
    if (known?.etag === etag) return known.step;
    const text = await this.connection.send('blob', url, { headers }).then((answer) => answer.text, (error: unknown) => {
      if (error instanceof AzureRefusal && error.isMissing) return '';
      throw error;
    });
    const step = parseStep(text);
    this.#read.set(url, { etag, step });
    return step;
  }
}

/** What is no step is passed over: nodes write these blobs, and a broken one must not stop all others. */
function parseStep(text: string): NodeStep | undefined {
  try {
    return nodeStepSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
