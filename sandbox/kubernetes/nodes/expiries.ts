import { expiryKey, nodeExpiriesSchema, type NodeExpiries } from '../../../model/expiry.js';
import type { NodeStore } from './node-cloud.js';

const yearMs = 365 * 24 * 3_600_000;
const certificates = ['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client', 'admin.conf', 'controller-manager.conf', 'scheduler.conf'];
const authorities = ['ca', 'front-proxy-ca', 'etcd/ca'];

/** When the authorities end, in milliseconds since the epoch: those of today, and those that are to go where there are any. */
export interface AuthorityEnds {
  readonly old: number | undefined;
  readonly current: number;
}

/** What a control plane tells that has got its certificates at `now`. */
export function freshExpiries(node: string, now: number, ends: AuthorityEnds): NodeExpiries {
  return { node, certificates: Object.fromEntries(certificates.map((name) => [name, time(now + yearMs)])), joinToken: null, ...authorityExpiries(now, ends) };
}

/** What it tells of the authorities, at `now`. */
export function authorityExpiries(now: number, { old, current }: AuthorityEnds): Pick<NodeExpiries, 'at' | 'authorities'> {
  const leaving = old === undefined ? [] : authorities.map((name): [string, string] => [`${name}-old`, time(old)]);
  return { at: time(now), authorities: Object.fromEntries([...authorities.map((name): [string, string] => [name, time(current)]), ...leaving]) };
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
