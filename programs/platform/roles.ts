import { namespacedRoles, type Role } from '../../model/spec.js';

/** A rule of a ClusterRole. */
export interface PolicyRule {
  readonly apiGroups?: string[];
  readonly resources?: string[];
  readonly nonResourceURLs?: string[];
  readonly verbs: string[];
}

const read = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Everything of an application that is not a secret, in the namespace that holds it. */
export const applicationKinds: readonly { readonly group: string; readonly resources: readonly string[] }[] = [
  { group: '', resources: ['pods', 'services', 'configmaps', 'serviceaccounts', 'persistentvolumeclaims'] },
  { group: 'apps', resources: ['deployments', 'deployments/scale', 'statefulsets', 'statefulsets/scale', 'replicasets', 'replicasets/scale', 'daemonsets', 'controllerrevisions'] },
  { group: 'batch', resources: ['jobs', 'cronjobs'] },
  { group: 'autoscaling', resources: ['horizontalpodautoscalers'] },
  { group: 'autoscaling.k8s.io', resources: ['verticalpodautoscalers'] },
  { group: 'policy', resources: ['poddisruptionbudgets'] },
  { group: 'networking.k8s.io', resources: ['ingresses'] },
  { group: 'gateway.networking.k8s.io', resources: ['httproutes', 'grpcroutes'] },
  { group: 'monitoring.coreos.com', resources: ['servicemonitors', 'podmonitors', 'probes', 'prometheusrules'] },
  { group: 'cert-manager.io', resources: ['certificates', 'issuers'] },
  { group: 'external-secrets.io', resources: ['externalsecrets'] },
  { group: 'traefik.io', resources: ['ingressroutes', 'middlewares'] },
  { group: 'argoproj.io', resources: ['rollouts', 'rollouts/scale', 'analysistemplates', 'analysisruns', 'experiments'] },
  { group: 'postgresql.cnpg.io', resources: ['clusters', 'backups', 'scheduledbackups', 'poolers', 'databases'] },
  { group: 'acid.zalan.do', resources: ['postgresqls'] },
  { group: 'snapshot.storage.k8s.io', resources: ['volumesnapshots'] },
  { group: 'security.istio.io', resources: ['authorizationpolicies'] },
];

/** What surrounds an application and is set by the platform: to be seen, not changed. */
const surroundings: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces', 'events', 'endpoints', 'resourcequotas', 'limitranges', 'pods/log', 'pods/status'], verbs: read },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: read },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: read },
  { apiGroups: ['aquasecurity.github.io'], resources: ['vulnerabilityreports', 'exposedsecretreports'], verbs: read },
];

/** API groups without secrets or access rules, which an operator sees whole. */
const visibleGroups = [
  'apps', 'batch', 'autoscaling', 'autoscaling.k8s.io', 'policy', 'networking.k8s.io', 'gateway.networking.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'coordination.k8s.io', 'scheduling.k8s.io',
  'storage.k8s.io', 'snapshot.storage.k8s.io', 'node.k8s.io', 'metrics.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'admissionregistration.k8s.io',
  'certificates.k8s.io', 'flowcontrol.apiserver.k8s.io', 'cilium.io', 'crd.projectcalico.org', 'operator.tigera.io', 'monitoring.coreos.com', 'velero.io', 'resources.cattle.io',
  'cert-manager.io', 'acme.cert-manager.io', 'external-secrets.io', 'traefik.io', 'argoproj.io', 'postgresql.cnpg.io', 'acid.zalan.do', 'policies.kyverno.io', 'templates.gatekeeper.sh', 'constraints.gatekeeper.sh', 'wgpolicyk8s.io', 'openreports.io', 'aquasecurity.github.io', 'security.istio.io', 'networking.istio.io', 'telemetry.istio.io',
];

/**
 * The rules of each role.
 *
 * - `admin`: everything.
 * - `operator`: keeps the whole cluster running, without secrets or access rules, and without any way around that: who may write a pod or a pod template
 *   anywhere, run commands in a pod, make a service account's token, approve a certificate or start a Velero backup (whose hooks run commands) can read
 *   every secret. So an operator sees all else, cordons, drains, scales, restarts by deleting pods, and writes budgets, autoscalers and network policies.
 * - `developer`: the applications of a namespace with their secrets. A pod can mount any secret of its namespace, so keeping secrets from somebody who
 *   writes pods would only look like protection. Quotas, network policies and access rules are the platform's.
 * - `viewer`: sees what a developer sees, but no secrets, and runs nothing.
 */
export const roleRules: Readonly<Record<Role, readonly PolicyRule[]>> = {
  admin: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ],
  operator: [
    {
      apiGroups: [''],
      resources: ['nodes', 'namespaces', 'pods', 'pods/log', 'pods/status', 'services', 'endpoints', 'configmaps', 'serviceaccounts', 'persistentvolumes', 'persistentvolumeclaims',
        'events', 'resourcequotas', 'limitranges', 'replicationcontrollers', 'podtemplates'],
      verbs: read,
    },
    { apiGroups: visibleGroups, resources: ['*'], verbs: read },
    { nonResourceURLs: ['/healthz', '/livez', '/livez/*', '/readyz', '/readyz/*', '/version', '/metrics'], verbs: ['get'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['update', 'patch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    // kubectl forwards by WebSocket, which begins with a GET; older clients begin with a POST.
    { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
    { apiGroups: ['apps'], resources: ['deployments/scale', 'statefulsets/scale', 'replicasets/scale'], verbs: ['update', 'patch'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['delete'] },
    { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: write },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: write },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: write },
    { apiGroups: [''], resources: ['persistentvolumeclaims', 'persistentvolumes'], verbs: ['patch', 'delete'] },
  ],
  developer: [
    ...applicationKinds.map(({ group, resources }) => ({ apiGroups: [group], resources: [...resources], verbs: [...read, ...write] })),
    { apiGroups: [''], resources: ['secrets'], verbs: [...read, ...write] },
    { apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/eviction'], verbs: ['create', 'get'] },
    { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['get', 'update', 'patch'] },
    ...surroundings,
  ],
  viewer: [
    ...applicationKinds.map(({ group, resources }) => ({ apiGroups: [group], resources: [...resources], verbs: read })),
    ...surroundings,
  ],
};

/** Name of a role's ClusterRole. */
export function clusterRoleName(role: Role): string {
  return `clusterwright:${role}`;
}

/** Whether a role is bound in namespaces, and not in the whole cluster. */
export function isNamespaced(role: Role): boolean {
  return namespacedRoles.includes(role);
}
