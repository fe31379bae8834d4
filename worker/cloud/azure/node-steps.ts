import { nodeStepPrefix, nodeStepSchema, type NodeStep } from '../../../model/rendezvous.js';
import type { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import type { FreshGrants } from './fresh-grants.js';
import { ContainerStore } from './private-store.js';

/** The nodes' step blobs in the cluster's private container. A blob is read again only when it has changed. */
export class NodeStepReader {
  readonly #read = new Map<string, { etag: string; step: NodeStep | undefined }>();

  constructor(private readonly connection: AzureConnection, private readonly grants: FreshGrants) {}

  /** Every node's last step; `container` is the container's URL. None as long as the worker's right to read it takes hold. */
  steps(container: string): Promise<NodeStep[]> {
    const store = new ContainerStore(this.connection, container);
    return this.grants.awaited([], () => calling(`reading the nodes' steps from ${container}`, async () => {
      const blobs = await store.list(nodeStepPrefix);
      const steps = await Promise.all(blobs.map(({ key, etag }) => this.#step(store, `${container}/${key}`, key, etag)));
      return steps.filter((step) => step !== undefined);
    }));
  }

  async #step(store: ContainerStore, url: string, key: string, etag: string): Promise<NodeStep | undefined> {
    const known = this.#read.get(url);
    if (known?.etag === etag) return known.step;
    const step = parseStep((await store.read(key)) ?? '');
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
