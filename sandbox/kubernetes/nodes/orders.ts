import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { nodeOrderSchema, orderAnswerKey, orderAnswerSchema, orderKey, type NodeOrder, type OrderAnswer } from '../../../model/orders.js';
import type { NodeFacts } from '../../../model/rendezvous.js';
import type { NodeStore } from './node-cloud.js';

/** What a simulated control plane has to do its orders with. */
export interface OrderGround {
  readonly store: NodeStore;
  readonly facts: NodeFacts;
  /** Every object of the cluster, as text. */
  readonly objects: () => string;
  /** Milliseconds since the epoch, by the sandbox's clock. */
  readonly now: () => number;
}

/** Does what a control plane is ordered and has not answered yet, as the scripts of `orders/` do on a real one. */
export function followOrder(node: string, ground: OrderGround): void {
  const order = read(ground.store, orderKey(node), nodeOrderSchema);
  if (order === undefined || read(ground.store, orderAnswerKey(node), orderAnswerSchema)?.id === order.id) return;
  const answer: OrderAnswer = { id: order.id, state: 'done', at: new Date(ground.now()).toISOString(), result: done(order, ground), message: null };
  ground.store.put(orderAnswerKey(node), JSON.stringify(answer), 'application/json');
}

function done(order: NodeOrder, ground: OrderGround): unknown {
  switch (order.task) {
    case 'etcd-snapshot': return saveEtcd(ground);
    // Neither etcd nor DNS of a simulated cluster runs on its machines.
    case 'etcd-member-remove': case 'cluster-dns': return null;
  }
}

function saveEtcd({ store, facts, objects, now }: OrderGround): string {
  const key = `etcd/${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
  const packed = gzipSync(objects());
  store.put(`${key}.db.gz`, packed, 'application/gzip');
  store.put(`${key}.json`, JSON.stringify({ sha256: createHash('sha256').update(packed).digest('hex'), kubernetes: facts.kubernetesRelease, members: [] }), 'application/json');
  return key;
}

function read<T>(store: NodeStore, key: string, schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }): T | undefined {
  const text = store.get(key)?.toString('utf8');
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}
