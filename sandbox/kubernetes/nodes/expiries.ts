import { expiryKey, nodeExpiriesSchema, type NodeExpiries } from '../../../model/expiry.js';
import type { NodeStore } from './node-cloud.js';

const yearMs = 365 * 24 * 3_600_000;
const certificates = ['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client', 'admin.conf', 'controller-manager.conf', 'scheduler.conf'];
const authorities = ['ca', 'front-proxy-ca', 'etcd/ca'];

/** What a control plane tells that has got its certificates at `now`, in a cluster that began at `initialisedAt`. */
export function freshExpiries(node: string, now: number, initialisedAt: number): NodeExpiries {
  const all = (names: readonly string[], until: number): Record<string, string> => Object.fromEntries(names.map((name) => [name, time(until)]));
  return { node, at: time(now), certificates: all(certificates, now + yearMs), authorities: all(authorities, initialisedAt + 10 * yearMs), joinToken: null };
}

/** Tells it, with what changes. */
export function tellExpiries(store: NodeStore, told: NodeExpiries): void {
  store.put(expiryKey(told.node), JSON.stringify(told), 'application/json');
}

/** What a control plane has told last. */
export function toldExpiries(store: NodeStore, node: string): NodeExpiries | undefined {
  const text = store.get(expiryKey(node))?.toString('utf8');
  return text === undefined ? undefined : nodeExpiriesSchema.parse(JSON.parse(text));
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
