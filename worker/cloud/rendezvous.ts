import { z } from 'zod';
import { expiryPrefix, nodeExpiriesSchema, type NodeExpiries } from '../../model/expiry.js';
import { nodeOrderSchema, orderAnswerKey, orderAnswerSchema, orderKey, orderPrefix, restorationKey, restorationSchema, type NodeOrder, type OrderAnswer, type Restoration } from '../../model/orders.js';
import { nodeStepPrefix, nodeStepSchema, type NodeStep } from '../../model/rendezvous.js';
import type { EtcdBackup } from '../../model/report.js';
import type { PrivateStore } from './private-store.js';

const snapshotPrefix = 'etcd/';
const [descriptionEnding, contentEnding] = ['.json', '.db.gz'] as const;

/** What a control plane writes beside a snapshot when that is complete. */
const snapshotSchema = z.object({ sha256: z.string(), kubernetes: z.string(), members: z.array(z.object({ name: z.string() })) });

/** All talk with the nodes of a cluster, through its private store. What is not what it should be counts as not there: nodes write these objects, and a broken one must not stop all others. */
export class Rendezvous {
  #opened: Promise<PrivateStore> | undefined;
  /** Steps by their keys. */
  readonly #steps = new Map<string, { readonly etag: string; readonly step: NodeStep | undefined }>();

  /** @param open opens the store; it is done once, with the first call */
  constructor(private readonly open: () => Promise<PrivateStore>) {}

  /** Every node's last step. An object is read again only when it has changed. */
  async nodeSteps(): Promise<NodeStep[]> {
    const store = await this.store();
    const steps = await Promise.all((await store.list(nodeStepPrefix)).map(async ({ key, etag }) => {
      const known = this.#steps.get(key);
      if (etag !== '' && known?.etag === etag) return known.step;
      const step = parsed(await store.read(key), nodeStepSchema);
      this.#steps.set(key, { etag, step });
      return step;
    }));
    return steps.filter((step) => step !== undefined);
  }

  /** Orders a control plane. */
  async giveOrder(node: string, order: NodeOrder): Promise<void> {
    await (await this.store()).write(orderKey(node), order);
  }

  /** What a control plane was ordered last. An empty order is one that it has put there itself. */
  async orderOf(node: string): Promise<NodeOrder | undefined> {
    return parsed(await (await this.store()).read(orderKey(node)), nodeOrderSchema);
  }

  /** What a control plane has answered last. */
  async orderAnswer(node: string): Promise<OrderAnswer | undefined> {
    return parsed(await (await this.store()).read(orderAnswerKey(node)), orderAnswerSchema);
  }

  /** What new control planes are to begin with where none is left; undefined where nothing is asked. */
  async restoration(): Promise<Restoration | undefined> {
    return parsed(await (await this.store()).read(restorationKey), restorationSchema);
  }

  /** Asks for that, or takes back what was asked. What machines that have gone were ordered is nothing for those that come in their place. */
  async askRestoration(wish: Restoration | undefined): Promise<void> {
    const store = await this.store();
    if (wish !== undefined) await Promise.all((await store.list(orderPrefix)).map(({ key }) => store.write(key, {})));
    await store.write(restorationKey, wish ?? {});
  }

  /** The snapshots of etcd, the newest first. One without a description is not complete. What `known` has is not read again: a description never changes. */
  async etcdSnapshots(known: readonly EtcdBackup[] = []): Promise<EtcdBackup[]> {
    const store = await this.store();
    const objects = await store.list(snapshotPrefix);
    const sizes = new Map(objects.map(({ key, sizeBytes }) => [key, sizeBytes]));
    const before = new Map(known.map((backup) => [backup.id, backup]));
    const ids = objects.flatMap(({ key }) => (key.endsWith(descriptionEnding) ? [key.slice(0, -descriptionEnding.length)] : []));
    const found = await Promise.all(ids.map(async (id): Promise<EtcdBackup | undefined> => {
      const [sizeBytes, at] = [sizes.get(id + contentEnding), timeOf(id)];
      if (sizeBytes === undefined || at === undefined) return undefined;
      const description = before.get(id) ?? described(parsed(await store.read(id + descriptionEnding), snapshotSchema));
      return description && { ...description, id, of: 'etcd', at, sizeBytes };
    }));
    return found.filter((one) => one !== undefined).sort((a, b) => b.at.localeCompare(a.at));
  }

  /** What control planes have told of when what they have ends. */
  async expiries(): Promise<NodeExpiries[]> {
    const store = await this.store();
    const told = await Promise.all((await store.list(expiryPrefix)).map(async ({ key }) => parsed(await store.read(key), nodeExpiriesSchema)));
    return told.filter((one) => one !== undefined);
  }

  /** The store itself: what add-ons keep there is not the nodes' business. */
  store(): Promise<PrivateStore> {
    return (this.#opened ??= this.open());
  }
}

/** What of a backup its description says. */
function described(description: z.infer<typeof snapshotSchema> | undefined): Pick<EtcdBackup, 'sha256' | 'kubernetesRelease' | 'members'> | undefined {
  return description && { sha256: description.sha256, kubernetesRelease: description.kubernetes, members: description.members.map(({ name }) => name) };
}

/** The time in a snapshot's key, `etcd/2026-11-29T10-03-11Z`. */
function timeOf(id: string): string | undefined {
  const [, day, hour, minute, second] = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/.exec(id) ?? [];
  return day === undefined ? undefined : `${day}T${hour}:${minute}:${second}Z`;
}

function parsed<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
