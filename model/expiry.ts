import { z } from 'zod';
import { kubernetesEndOfLife, operatingSystem } from './end-of-life.js';
import type { ClusterSpec } from './spec.js';

const time = z.iso.datetime();

/** Prefix of what control planes tell in the cluster's private store of when what they have ends. */
export const expiryPrefix = 'rendezvous/expiries/';
export const expiryKey = (node: string): string => `${expiryPrefix}${node}.json`;

/** What a control plane tells. */
export const nodeExpiriesSchema = z.strictObject({
  node: z.string(),
  /** When it looked. */
  at: time,
  /** By the names that kubeadm has for them, for instance `etcd/peer`. */
  certificates: z.record(z.string(), time),
  /** Those that have signed them; the same on every control plane. While they are made anew each is there twice: the one that is to go has the name with `-old`. */
  authorities: z.record(z.string(), time),
  /** The token that new nodes come in with, where this node was the one that made it last. */
  joinToken: time.nullable(),
});
export type NodeExpiries = z.infer<typeof nodeExpiriesSchema>;

/** What ends. */
export const expiryKinds = ['certificate', 'authority', 'provisioner-client', 'join-token', 'kubernetes', 'operating-system'] as const;
export type ExpiryKind = (typeof expiryKinds)[number];

/** One thing that ends, and when. */
export const expirySchema = z.strictObject({
  kind: z.enum(expiryKinds),
  /** Which of that kind. */
  name: z.string(),
  /** Control plane that has it; null for what the cluster has once. */
  node: z.string().nullable(),
  endsAt: time,
});
export type Expiry = z.infer<typeof expirySchema>;

/** What was found of a cluster. The ends of its minor and of its machines' operating system are in no report: the calendar has them. */
export const expiriesReportSchema = z.strictObject({ kind: z.literal('expiries'), at: time, expiries: z.array(expirySchema) });

/** What a node told longer ago than this does not count where another has told since: its machine is gone. In milliseconds; nodes tell every ten minutes. */
const staleMs = 24 * 3_600_000;

/** What control planes and the secret store tell, as one list, what ends first at its beginning. */
export function seenExpiries(told: readonly NodeExpiries[], provisionerUntil: string | undefined): Expiry[] {
  const newest = Math.max(...told.map(({ at }) => Date.parse(at)));
  const nodes = told.filter(({ at }) => newest - Date.parse(at) < staleMs);
  const authorities = new Map(nodes.flatMap((node) => Object.entries(node.authorities)));
  const token = nodes.flatMap(({ joinToken }) => joinToken ?? []).sort().at(-1);
  return inOrder([
    ...nodes.flatMap(({ node, certificates }) => Object.entries(certificates).map(([name, endsAt]): Expiry => ({ kind: 'certificate', name, node, endsAt }))),
    ...[...authorities].map(([name, endsAt]): Expiry => ({ kind: 'authority', name, node: null, endsAt })),
    ...(token === undefined ? [] : [{ kind: 'join-token', name: 'join/token', node: null, endsAt: token } as const]),
    ...(provisionerUntil === undefined ? [] : [{ kind: 'provisioner-client', name: 'provisioner/client', node: null, endsAt: provisionerUntil } as const]),
  ]);
}

/** Whether new authorities were begun and the old ones are still trusted. */
export function hasOldAuthorities(seen: readonly Expiry[]): boolean {
  return seen.some(({ kind, name }) => kind === 'authority' && name.endsWith('-old'));
}

/** What ends of a cluster by its spec and by what was seen. */
export function allExpiries({ kubernetesVersion }: Pick<ClusterSpec, 'kubernetesVersion'>, seen: readonly Expiry[]): Expiry[] {
  return inOrder([
    ...seen, { kind: 'kubernetes', name: kubernetesVersion, node: null, endsAt: kubernetesEndOfLife[kubernetesVersion] },
    { kind: 'operating-system', name: operatingSystem.name, node: null, endsAt: operatingSystem.endOfLife },
  ]);
}

/**
 * How many days before the end of the first of a kind webhooks tell of it, the least first; 0 is when it has ended. What renews itself is told of when it should have done so: certificates do when 30 days are left, what
 * lasts for a day does every six hours.
 */
export const toldDays: Readonly<Record<ExpiryKind, readonly number[]>> = {
  authority: [0, 14, 30, 60], kubernetes: [0, 14, 30, 60], 'operating-system': [0, 14, 30, 60], certificate: [0, 14], 'provisioner-client': [0], 'join-token': [0],
};

/** What is made anew so often that it ends while a cluster sleeps, or while nobody looks at one that a job is changing. */
export const lastsForADay: readonly ExpiryKind[] = ['provisioner-client', 'join-token'];

/** When the first of each kind ends, in milliseconds since 1970. */
export type FirstEnds = Readonly<Partial<Record<ExpiryKind, number>>>;

/** When the first of each kind ends of a cluster, by its spec and by what was seen. Pure. */
export function firstEnds(spec: Pick<ClusterSpec, 'kubernetesVersion'>, seen: readonly Expiry[]): FirstEnds {
  // Of several of a kind the last written counts: that which ends first.
  return Object.fromEntries(allExpiries(spec, seen).reverse().map(({ kind, endsAt }) => [kind, Date.parse(endsAt)]));
}

/** What ends first comes first. */
function inOrder(expiries: readonly Expiry[]): Expiry[] {
  return [...expiries].sort((a, b) => a.endsAt.localeCompare(b.endsAt));
}
