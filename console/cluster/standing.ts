import { kubernetesVersions, type Cluster, type Job, type KubernetesVersion } from '../shapes.js';

/** Why nothing can be begun on a cluster now, in words; undefined where something can. The service says the same by refusing it. */
export function hindrance({ state, endpoint, links }: Pick<Cluster, 'state' | 'endpoint' | 'links'>): string | undefined {
  if (links.repair === undefined) return 'A job of the cluster is not finished: nothing else can be begun until it is.';
  if (state === 'hibernated') return 'The cluster is hibernated: it can be woken or deleted, and nothing else.';
  if (endpoint === null) return 'The cluster has never had a control plane: there is nothing to look after.';
  return undefined;
}

/** Whether a cluster waits for something else before a job of this kind: one that failed can only be gone on with by its own kind. */
export function isIncomplete({ state, lastJob }: Pick<Cluster, 'state' | 'lastJob'>, kind: Job['kind']): boolean {
  return state === 'needs-repair' || (state === 'failed' && lastJob?.kind !== kind);
}

/**
 * The minors that an upgrade can be asked for to, the likeliest first: the next one, and the cluster's own, which ends an upgrade that was stopped. Whether one was
 * stopped is sure only while it is the last job.
 */
export function upgradesOf({ state, spec: { kubernetesVersion }, lastJob }: Pick<Cluster, 'state' | 'spec' | 'lastJob'>): readonly KubernetesVersion[] {
  const next = kubernetesVersions.slice(kubernetesVersions.indexOf(kubernetesVersion) + 1).slice(0, 1);
  return state === 'failed' && lastJob?.kind === 'upgrade' ? [kubernetesVersion, ...next] : [...next, kubernetesVersion];
}

/** The maintenance windows of a cluster in words; undefined where it has none and can be worked on always. */
export function windowsOf({ maintenance }: Pick<Cluster['spec'], 'maintenance'>): string | undefined {
  return maintenance?.windows.map(({ days, start, hours, timeZone }) => `${days.length === 7 ? 'every day' : days.join(', ')} from ${start} for ${hours} h (${timeZone})`).join('; ');
}
