import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { nodeOrderSchema, orderAnswerKey, orderAnswerSchema, orderKey, type Inspection, type NodeOrder, type OrderAnswer } from '../../../model/orders.js';
import { secretNames, type NodeFacts, type SecretPath } from '../../../model/rendezvous.js';
import type { Table } from '../../inventory/journal.js';
import type { RotatedAuthorities } from './authorities.js';
import { keysAfter } from './encryption-key.js';
import { authorityExpiries, freshExpiries, tellExpiries, toldExpiries } from './expiries.js';
import type { NodeStore } from './node-cloud.js';
import { readObject } from './read-object.js';
import { serviceAccountKeyStep } from './service-account-key.js';
import { saveEtcd, tryRestore } from './snapshots.js';

/** Files that somebody has changed on a simulated control plane, by path. */
export type NodeEdits = Readonly<Record<string, string | null>>;

/** What a simulated control plane has to do its orders with. */
export interface OrderGround {
  readonly store: NodeStore;
  readonly facts: NodeFacts;
  /** What is other on its disk than it should be: the file's content, or null where it was removed. */
  readonly edits: Table<NodeEdits>;
  /** The cluster's etcd. */
  readonly etcd: SimulatedEtcd;
  readonly authorities: RotatedAuthorities;
  /** The control planes that have joined, by the names of their nodes. */
  readonly members: readonly string[];
  /** Milliseconds since the epoch, by the sandbox's clock. */
  readonly now: () => number;
  /** When the cluster began. */
  readonly initialisedAt: number;
  readonly secretOf: (secret: SecretPath) => string | undefined;
  readonly putSecret: (secret: SecretPath, value: string) => void;
  /** The node that is ordered is of another release of Kubernetes from here on. */
  readonly upgrade: (release: string) => void;
  /** Has what the provisioner and new nodes come in with published anew. */
  readonly renewAccess: () => void;
}

/** The etcd of a simulated cluster: one for all of its control planes. */
export interface SimulatedEtcd {
  /** Puts a node's word into the canary, as a Secret's value. */
  plant(node: string, word: string): void;
  /** Every object of the cluster, as text. */
  snapshot(): string;
  /** Makes what a snapshot has ready to be put in place. */
  prepare(id: string, objects: string): void;
  /** Ends the etcd of one node, and its API server. */
  stop(node: string): void;
  /** Starts them, with what was prepared as `id` where there is one. Throws where nothing is. */
  start(node: string, id: string | undefined): void;
}

/** Does what a control plane is ordered and has not answered yet, as the scripts of `orders/` do on a real one. */
export function followOrder(node: string, ground: OrderGround): void {
  const order = readObject(ground.store, orderKey(node), nodeOrderSchema);
  if (order === undefined || readObject(ground.store, orderAnswerKey(node), orderAnswerSchema)?.id === order.id) return;
  const answer: OrderAnswer = { id: order.id, at: new Date(ground.now()).toISOString(), ...outcome(() => done(node, order, ground)) };
  ground.store.put(orderAnswerKey(node), JSON.stringify(answer), 'application/json');
}

function outcome(act: () => unknown): Pick<OrderAnswer, 'state' | 'result' | 'message'> {
  try {
    return { state: 'done', result: act() ?? null, message: null };
  } catch (error) {
    return { state: 'failed', result: null, message: error instanceof Error ? error.message : String(error) };
  }
}

function done(node: string, order: NodeOrder, ground: OrderGround): unknown {
  switch (order.task) {
    case 'etcd-snapshot': return saveEtcd(node, ground);
    case 'restore-drill': return tryRestore(order.arguments, ground);
    case 'etcd-restore': return restoreEtcd(node, order.arguments, ground);
    // Neither etcd nor DNS of a simulated cluster runs on its machines.
    case 'etcd-member-remove': case 'cluster-dns': return null;
    case 'inspect': return inspection(ground.edits.get(node) ?? {});
    case 'restore-files': {
      const edits = Object.entries(ground.edits.get(node) ?? {});
      const isKept = ([name]: readonly [string, unknown]): boolean => order.arguments.includes(name);
      ground.edits.put(node, Object.fromEntries(edits.filter(isKept)));
      return edits.filter((edit) => !isKept(edit)).map(([name]) => name).sort();
    }
    case 'upgrade-in-place': return ground.upgrade(order.arguments[1] ?? '');
    case 'renew-certificates': return renewCertificates(node, order.arguments, ground);
    case 'authorities': return rotateAuthorities(node, order.arguments, ground);
    case 'service-account-key': {
      const { serviceAccountKey } = secretNames;
      const before = ground.secretOf(serviceAccountKey);
      const { content, answer } = serviceAccountKeyStep(order.arguments, before, ground.now(), ground.initialisedAt);
      if (content !== before) ground.putSecret(serviceAccountKey, content);
      return answer;
    }
    case 'encryption-key': {
      const { encryptionKey } = secretNames;
      const before = ground.secretOf(encryptionKey) ?? '';
      const after = keysAfter(order.arguments, before);
      return after === before ? undefined : ground.putSecret(encryptionKey, after);
    }
  }
}

/** Manifests that kubeadm writes. Nothing reads them here, so that their names do for their contents. */
const manifests = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => `/etc/kubernetes/manifests/${name}.yaml`);

function inspection(edits: NodeEdits): Inspection {
  const digest = (content: string): string => createHash('sha256').update(content).digest('hex');
  const differences = Object.entries(edits).map(([name, content]) => ({
    kind: 'file' as const, name, expected: manifests.includes(name) ? digest(name) : null, seen: content === null ? null : digest(content),
  }));
  return { checked: manifests.length, differences: differences.filter(({ expected, seen }) => expected !== seen) };
}

function renewCertificates(node: string, words: readonly string[], { store, now, initialisedAt, authorities, renewAccess }: OrderGround): Record<string, string> {
  const told = freshExpiries(node, now(), authorities.ends(initialisedAt));
  tellExpiries(store, told);
  if (words.includes('access')) renewAccess();
  return told.certificates;
}

function rotateAuthorities(node: string, words: readonly string[], { store, now, members, initialisedAt, authorities, renewAccess }: OrderGround): void {
  authorities.step(words, node, members, now());
  if (words.includes('publish')) renewAccess();
  // Every control plane looks every ten minutes, and the one that is ordered at once.
  for (const name of members) {
    const told = toldExpiries(store, name);
    if (told !== undefined) tellExpiries(store, { ...told, ...authorityExpiries(now(), authorities.ends(initialisedAt)) });
  }
}

function restoreEtcd(node: string, [step, first, second]: readonly string[], { store, etcd }: OrderGround): void {
  switch (step) {
    case 'prepare': {
      const packed = store.get(`${first}.db.gz`);
      if (packed === undefined || second === undefined) throw new Error(`there is no ${first}`);
      return etcd.prepare(second, gunzipSync(packed).toString('utf8'));
    }
    case 'stop':
      return etcd.stop(node);
    case 'start':
      return etcd.start(node, first);
    default:
      throw new Error(`there is no step ${step}`);
  }
}
