import type { ClusterSpec } from '../../../model/spec.js';
import type { ValuesInput } from './context.js';

/** This cluster, as Argo CD calls it. */
const server = 'https://kubernetes.default.svc';
const namespace = 'argocd';
/** The first application and its project. No namespace of a spec can have this name. */
const root = 'clusterwright-root';

/** Argo CD's projects, and the application that the others follow from where the spec names one. */
export function argocdApps({ spec }: ValuesInput): Record<string, unknown> {
  return {
    projects: { ...Object.fromEntries(spec.namespaces.map((team) => [team.name, teamProject(team, spec)])), ...(spec.gitops === undefined ? {} : { [root]: rootProject(spec.gitops) }) },
    applications: spec.gitops === undefined ? {} : { [root]: rootApplication(spec.gitops) },
  };
}

/**
 * A namespace's project: what its team brings comes from the namespace's repositories and the root's, and lands in the namespace. Argo CD itself may do everything in the cluster, so what the platform
 * sets for a namespace is kept out by kind: quota, limits, network policies, access, exceptions from policies, Gateways. Nothing outside of namespaces is allowed.
 */
function teamProject({ name, repositories }: ClusterSpec['namespaces'][number], { gitops }: ClusterSpec): object {
  return {
    namespace,
    description: `What the namespace ${name} runs`,
    sourceRepos: [...new Set([...repositories, ...(gitops === undefined ? [] : [gitops.repository])])],
    destinations: [{ server, namespace: name }],
    namespaceResourceBlacklist: [
      { group: '', kind: 'ResourceQuota' }, { group: '', kind: 'LimitRange' }, { group: '*', kind: '*NetworkPolicy' }, { group: 'cilium.io', kind: '*' },
      { group: 'rbac.authorization.k8s.io', kind: '*' }, { group: 'kyverno.io', kind: '*' }, { group: 'external-secrets.io', kind: 'SecretStore' }, { group: 'policies.kyverno.io', kind: '*' }, { group: 'gateway.networking.k8s.io', kind: 'Gateway' }, { group: 'gateway.networking.k8s.io', kind: 'ListenerSet' }, { group: 'security.istio.io', kind: 'PeerAuthentication' }, { group: 'argoproj.io', kind: 'Application*' }, { group: 'argoproj.io', kind: 'AppProject' },
    ],
  };
}

/** The root's project: applications, and nothing else, from the one repository. */
function rootProject({ repository }: NonNullable<ClusterSpec['gitops']>): object {
  return {
    namespace,
    description: 'The applications that others follow from',
    sourceRepos: [repository],
    destinations: [{ server, namespace }],
    namespaceResourceWhitelist: [{ group: 'argoproj.io', kind: 'Application' }, { group: 'argoproj.io', kind: 'ApplicationSet' }],
  };
}

/** It has no finalizer: taken out of the spec, it leaves what it has brought. */
function rootApplication({ repository, path, branch }: NonNullable<ClusterSpec['gitops']>): object {
  return {
    namespace,
    project: root,
    source: { repoURL: repository, path, targetRevision: branch },
    destination: { server, namespace },
    syncPolicy: { automated: { prune: true, selfHeal: true }, retry: { limit: 5, backoff: { duration: '10s', factor: 2, maxDuration: '5m' } } },
  };
}
