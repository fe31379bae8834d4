import { z } from 'zod';
import { expiryPrefix, nodeExpiriesSchema, type NodeExpiries } from '../../model/expiry.js';
import { nodeOrderSchema, orderAnswerKey, orderAnswerSchema, orderKey, type NodeOrder, type OrderAnswer } from '../../model/orders.js';
import type { Backup } from '../../model/report.js';

/** An object as a list tells of it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** A cluster's private bucket or container. Errors are of the registry, as for all talk to a cloud. */
export interface PrivateStore {
  /** The text of an object; undefined where there is none. */
  read(key: string): Promise<string | undefined>;
  /** Writes something as JSON, in the place of what is there. */
  write(key: string, value: unknown): Promise<void>;
  /** All objects below a prefix, in the order of their keys. */
  list(prefix: string): Promise<readonly ListedObject[]>;
}

const snapshotPrefix = 'etcd/';
const [descriptionEnding, contentEnding] = ['.json', '.db.gz'] as const;

/** What a control plane writes beside a snapshot when that is complete. */
const snapshotSchema = z.object({ sha256: z.string(), kubernetes: z.string(), members: z.array(z.object({ name: z.string() })) });

/** Orders a control plane. */
export async function giveOrder(store: PrivateStore, node: string, order: NodeOrder): Promise<void> {
  await store.write(orderKey(node), order);
}

/** What a control plane was ordered last. */
export async function orderOf(store: PrivateStore, node: string): Promise<NodeOrder | undefined> {
  const text = await store.read(orderKey(node));
  // A control plane puts an empty one there itself.
  return text === undefined ? undefined : parsed(text, nodeOrderSchema);
}

/** What a control plane has answered last. What is no answer counts as none: a node writes it. */
export async function orderAnswer(store: PrivateStore, node: string): Promise<OrderAnswer | undefined> {
  const text = await store.read(orderAnswerKey(node));
  return text === undefined ? undefined : parsed(text, orderAnswerSchema);
}

/** The snapshots of etcd, the newest first. One without a description, or with one that says nothing, is not complete. */
export async function etcdSnapshots(store: PrivateStore): Promise<Backup[]> {
  const objects = await store.list(snapshotPrefix);
  const sizes = new Map(objects.map(({ key, sizeBytes }) => [key, sizeBytes]));
  const ids = objects.flatMap(({ key }) => (key.endsWith(descriptionEnding) ? [key.slice(0, -descriptionEnding.length)] : []));
  const found = await Promise.all(ids.map(async (id): Promise<Backup | undefined> => {
    const [sizeBytes, text] = [sizes.get(id + contentEnding), await store.read(id + descriptionEnding)];
    const description = text === undefined ? undefined : parsed(text, snapshotSchema);
    const at = timeOf(id);
    return sizeBytes === undefined || description === undefined || at === undefined ? undefined
      : { id, of: 'etcd', at, sizeBytes, sha256: description.sha256, kubernetesRelease: description.kubernetes, members: description.members.map(({ name }) => name) };
  }));
  return found.filter((one) => one !== undefined).sort((a, b) => b.at.localeCompare(a.at));
}

/** What control planes have told of when what they have ends. */
export async function nodeExpiries(store: PrivateStore): Promise<NodeExpiries[]> {
  const told = await Promise.all((await store.list(expiryPrefix)).map(async ({ key }) => {
    const text = await store.read(key);
    return text === undefined ? undefined : parsed(text, nodeExpiriesSchema);
  }));
  return told.filter((one) => one !== undefined);
}

/** The time in a snapshot's key, `etcd/2026-11-29T10-03-11Z`. */
function timeOf(id: string): string | undefined {
  const [, day, hour, minute, second] = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z$/.exec(id) ?? [];
  return day === undefined ? undefined : `${day}T${hour}:${minute}:${second}Z`;
}

function parsed<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
