import type { ClusterExpiries, Expiry } from '../shapes.js';

/** What ends first of a kind in a cluster. */
export interface ExpiryRow {
  readonly cluster: string;
  readonly first: Expiry;
  /** So many more of the kind end later. */
  readonly more: number;
  readonly standing: 'ended' | 'soon' | 'later';
}

const dayMs = 24 * 3_600_000;

/**
 * From when on something should be done about what ends, in days before: the service's own alerts go by the same. Certificates are renewed when 30 days are left, what
 * lasts for a day every six hours: only one that was not is of interest.
 */
const soonDays: Readonly<Record<Expiry['kind'], number>> = { kubernetes: 60, 'operating-system': 60, authority: 60, certificate: 14, 'provisioner-client': 0, 'join-token': 0 };

/** What people call what ends. */
export const expiryNames: Readonly<Record<Expiry['kind'], string>> = {
  kubernetes: 'Kubernetes', 'operating-system': 'Operating system', authority: 'Authority', certificate: 'Certificate of a control plane', 'provisioner-client': 'Certificate of the service', 'join-token': 'Token of joining nodes',
};

const order: readonly ExpiryRow['standing'][] = ['ended', 'soon', 'later'];

/** What ends in clusters, a row for each kind of each: what has to be looked at comes first. @param now milliseconds since 1970 */
export function expiryRows(clusters: readonly ClusterExpiries[], now: number): readonly ExpiryRow[] {
  // The service lists what ends first at the beginning.
  const rows = clusters.flatMap(({ cluster, expiries }) => [...new Set(expiries.map(({ kind }) => kind))].flatMap((kind) => {
    const [first, ...later] = expiries.filter((one) => one.kind === kind);
    return first === undefined ? [] : [{ cluster, first, more: later.length, standing: standingOf(first, now) }];
  }));
  return rows.toSorted((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing) || a.first.endsAt.localeCompare(b.first.endsAt) || a.cluster.localeCompare(b.cluster));
}

function standingOf({ kind, endsAt }: Expiry, now: number): ExpiryRow['standing'] {
  const left = Date.parse(endsAt) - now;
  return left <= 0 ? 'ended' : left <= soonDays[kind] * dayMs ? 'soon' : 'later';
}
