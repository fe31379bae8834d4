import { z } from 'zod';

/** Pod Security Standards' levels. */
export const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;
export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/**
 * What a cluster can do beside running pods: each field is a capability, each value a choice of how it is had. What came after the first release of the service has the default
 * `none`, so that a spec of an older cluster reads as what that cluster has.
 */
export const platformSchema = z.strictObject({
  cni: z.enum(['cilium', 'calico', 'flannel', 'aws-vpc-cni']).describe('The pod network; cannot change. `aws-vpc-cni` is of AWS alone: pods have addresses of `network.cidr`, and `network.podCidr` is not used'),
  ingress: z.enum(['traefik', 'none']).default('none').describe('Who answers Ingress objects'),
  gateway: z.enum(['traefik', 'none']).default('none').describe('Who answers objects of the Gateway API: Gateways and the routes that attach to them'),
  dns: z.enum(['external-dns', 'none']).default('none').describe('Who writes the names of services, ingresses and routes into the zones of `dns`'),
  certificates: z.enum(['cert-manager', 'none']).default('none').describe('Who issues and renews certificates'),
  secrets: z.enum(['external-secrets', 'none']).default('none').describe('Who brings secrets of the cloud\'s secret store into namespaces'),
  policy: z.enum(['kyverno', 'gatekeeper', 'none']).default('none').describe('Who applies the policies; Kyverno also reports what would not pass the strictest Pod Security level'),
  monitoring: z.enum(['prometheus', 'none']).describe('Metrics, alerts and dashboards'),
  logging: z.enum(['loki', 'opensearch', 'none']).describe('Logs of all pods, gathered and kept: by Loki in the object store, by OpenSearch on volumes of the cluster'),
  backup: z.enum(['velero', 'rancher-backup', 'none']).describe('Backups: by Velero of objects and volumes, by Rancher Backup, on AWS alone, of the objects of `namespaces` and no volumes'),
  gitops: z.enum(['argocd', 'flux', 'none']).describe('Who brings what lies in Git into the cluster'),
  rollouts: z.enum(['argo-rollouts', 'none']).default('none').describe('Canary and blue-green deployments'),
  nodeScaling: z.enum(['cluster-autoscaler', 'none']).default('none').describe('Who changes the number of machines in a pool, within its bounds'),
  podSizing: z.enum(['vertical-pod-autoscaler', 'none']).default('none').describe('Who measures what pods need, and gives it to them where their team asks for it'),
  databases: z.enum(['cloudnative-pg', 'zalando-postgres', 'none']).default('none').describe('Highly available PostgreSQL by an operator'),
  scanning: z.enum(['trivy', 'snyk', 'none']).default('none').describe('Who looks for known vulnerabilities and forgotten secrets in the images that run'),
  benchmark: z.enum(['kube-bench', 'none']).default('none').describe('Who holds every node against the CIS Kubernetes Benchmark, day by day'),
  tracing: z.enum(['tempo', 'none']).default('none').describe('Traces of applications, gathered and kept'),
  mesh: z.enum(['istio-ambient', 'none']).default('none').describe('Who encrypts what pods of the namespaces with `mesh` send each other, and tells both ends who the other is'),
  hostedMonitoring: z.enum(['datadog', 'none']).default('none').describe('Who outside is sent what the cluster measures, beside `monitoring`'),
  runtimeSecurity: z.enum(['falco', 'none']).default('none').describe('Who tells of what processes on the nodes should not do'),
});

/** A complete choice of capabilities. */
export type Platform = z.infer<typeof platformSchema>;
export type Capability = keyof Platform;

/**
 * Namespaces of add-ons and their Pod Security level. `privileged` where pods need the host: node-exporter, Velero's node agent, what reads the nodes' log files, holds them against a benchmark or watches their processes, what takes pods into the mesh, Calico's operator (which makes `calico-system` itself). kube-system
 * is the cluster's own and stays as it is.
 */
export const addonNamespaces = {
  'monitoring': 'privileged', 'logging': 'baseline', 'log-shipper': 'privileged', 'velero': 'privileged', 'cert-manager': 'restricted', 'external-secrets': 'restricted', 'traefik': 'restricted', 'kyverno': 'restricted',
  'argocd': 'restricted', 'flux-system': 'restricted', 'argo-rollouts': 'restricted', 'cnpg-system': 'restricted', 'trivy-system': 'restricted', 'kube-bench': 'privileged', 'falco': 'privileged', 'tracing': 'restricted', 'tigera-operator': 'privileged',
  'vertical-pod-autoscaler': 'restricted',
  'postgres-operator': 'restricted', 'snyk-monitor': 'restricted', 'rancher-backup': 'restricted',
  'external-dns': 'restricted',
  'opensearch': 'privileged',
  'datadog': 'privileged',
  'istio-system': 'privileged',
  'gatekeeper-system': 'restricted',
} as const satisfies Record<string, PodSecurityLevel>;
export type AddonNamespace = keyof typeof addonNamespaces;

/** Whether a namespace is Kubernetes' or the platform's own, so that no team can have it. */
export function isReservedNamespace(name: string): boolean {
  return /^(default|kube-.*|clusterwright-.*|calico-.*)$/.test(name) || Object.hasOwn(addonNamespaces, name);
}

/**
 * What goes with a capability that is switched off, and cannot be had again by switching it on: data in the cluster's own volumes, and what people have put into the namespace that goes. What is in the bucket stays, and so do the objects of teams, databases and their volumes among them; reports
 * and measurements are made anew.
 */
const dataOf: Partial<Record<Capability, string | Readonly<Record<string, string>>>> = {
  certificates: 'the Secrets of ClusterIssuers in the namespace of cert-manager: keys of authorities and of accounts',
  monitoring: 'all metrics and the alerts that were silenced, on volumes of the cluster',
  logging: { loki: 'the logs of up to the last two hours, which are on volumes of the cluster until they are in its bucket', opensearch: 'all logs, on volumes of the cluster' },
  gitops: 'what was put by hand into the namespace of Argo CD or Flux: credentials of repositories, and applications and sources that are in no repository',
  tracing: 'the newest traces, which are on a volume of the cluster until they are in its bucket',
};

/** The capabilities that a change switches off or to another choice, and whose data would be lost with that, in words. */
export function dataLostBy(before: Platform, after: Platform): { capability: Capability; data: string }[] {
  return (Object.keys(dataOf) as Capability[]).flatMap((capability) => {
    const of = dataOf[capability];
    const data = typeof of === 'object' ? of[before[capability]] : of;
    return data !== undefined && before[capability] !== 'none' && before[capability] !== after[capability] ? [{ capability, data }] : [];
  });
}
