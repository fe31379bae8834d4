/** One kind that the API server serves. */
export interface KindEntry {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** How names are checked: DNS-1123 subdomain (the default), DNS-1123 label, DNS-1035 label or any path segment (RBAC). */
  readonly names?: 'subdomain' | 'label' | 'label1035' | 'path';
  /** Fields that cannot change after creation, as dotted paths. */
  readonly immutable?: readonly string[];
  /** Within `immutable` fields: the sub-fields that may change after all (a StatefulSet's spec). */
  readonly mutable?: readonly string[];
  /** Custom resources have no list types: their lists are replaced whole. */
  readonly custom?: boolean;
  /** Whether the kind has a `status` that normal writes leave alone. Default true. */
  readonly hasStatus?: boolean;
}

type Options = Pick<KindEntry, 'shortNames' | 'names' | 'immutable' | 'mutable' | 'hasStatus'>;

function kindsOf(group: string, version: string, rows: readonly (readonly [kind: string, plural: string, scope: 'namespaced' | 'cluster', options?: Options])[]): KindEntry[] {
  return rows.map(([kind, plural, scope, options]) => ({ group, version, kind, plural, namespaced: scope === 'namespaced', ...options }));
}

const plain: Options = { hasStatus: false };
const rbac: Options = { names: 'path', hasStatus: false };
const binding: Options = { names: 'path', hasStatus: false, immutable: ['roleRef'] };

/** Every kind that is served without a CustomResourceDefinition. Kinds with no place in a cluster that Clusterwright builds are left out. */
export const builtInKinds: readonly KindEntry[] = [
  ...kindsOf('', 'v1', [
    ['Namespace', 'namespaces', 'cluster', { shortNames: ['ns'], names: 'label' }],
    ['Node', 'nodes', 'cluster', { shortNames: ['no'], immutable: ['spec.providerID', 'spec.podCIDR'] }],
    ['Pod', 'pods', 'namespaced', { shortNames: ['po'], immutable: ['spec.nodeName', 'spec.serviceAccountName'] }],
    ['Service', 'services', 'namespaced', { shortNames: ['svc'], names: 'label1035', immutable: ['spec.clusterIP'] }],
    ['Endpoints', 'endpoints', 'namespaced', { shortNames: ['ep'], hasStatus: false }],
    ['ConfigMap', 'configmaps', 'namespaced', { shortNames: ['cm'], hasStatus: false }],
    ['Secret', 'secrets', 'namespaced', { hasStatus: false, immutable: ['type'] }],
    ['ServiceAccount', 'serviceaccounts', 'namespaced', { shortNames: ['sa'], hasStatus: false }],
    ['ResourceQuota', 'resourcequotas', 'namespaced', { shortNames: ['quota'], immutable: ['spec.scopes'] }],
    ['LimitRange', 'limitranges', 'namespaced', { shortNames: ['limits'], hasStatus: false }],
    ['PersistentVolume', 'persistentvolumes', 'cluster', { shortNames: ['pv'] }],
    ['PersistentVolumeClaim', 'persistentvolumeclaims', 'namespaced', { shortNames: ['pvc'], immutable: ['spec'], mutable: ['spec.resources', 'spec.volumeAttributesClassName'] }],
    ['Event', 'events', 'namespaced', { shortNames: ['ev'], hasStatus: false }],
  ]),
  ...kindsOf('apps', 'v1', [
    ['Deployment', 'deployments', 'namespaced', { shortNames: ['deploy'], immutable: ['spec.selector'] }],
    ['DaemonSet', 'daemonsets', 'namespaced', { shortNames: ['ds'], immutable: ['spec.selector'] }],
    ['ReplicaSet', 'replicasets', 'namespaced', { shortNames: ['rs'], immutable: ['spec.selector'] }],
    ['StatefulSet', 'statefulsets', 'namespaced', {
      shortNames: ['sts'], immutable: ['spec'],
      mutable: ['spec.replicas', 'spec.ordinals', 'spec.template', 'spec.updateStrategy', 'spec.revisionHistoryLimit', 'spec.persistentVolumeClaimRetentionPolicy', 'spec.minReadySeconds'],
    }],
  ]),
  ...kindsOf('batch', 'v1', [
    ['Job', 'jobs', 'namespaced', { immutable: ['spec.template', 'spec.selector', 'spec.completions', 'spec.completionMode'] }],
    ['CronJob', 'cronjobs', 'namespaced', { shortNames: ['cj'] }],
  ]),
  ...kindsOf('rbac.authorization.k8s.io', 'v1', [
    ['Role', 'roles', 'namespaced', rbac],
    ['ClusterRole', 'clusterroles', 'cluster', rbac],
    ['RoleBinding', 'rolebindings', 'namespaced', binding],
    ['ClusterRoleBinding', 'clusterrolebindings', 'cluster', binding],
  ]),
  ...kindsOf('networking.k8s.io', 'v1', [
    ['NetworkPolicy', 'networkpolicies', 'namespaced', { shortNames: ['netpol'], hasStatus: false }],
    ['Ingress', 'ingresses', 'namespaced', { shortNames: ['ing'] }],
    ['IngressClass', 'ingressclasses', 'cluster', { hasStatus: false, immutable: ['spec.controller'] }],
  ]),
  ...kindsOf('policy', 'v1', [['PodDisruptionBudget', 'poddisruptionbudgets', 'namespaced', { shortNames: ['pdb'] }]]),
  ...kindsOf('autoscaling', 'v2', [['HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'namespaced', { shortNames: ['hpa'] }]]),
  ...kindsOf('storage.k8s.io', 'v1', [
    ['StorageClass', 'storageclasses', 'cluster', { shortNames: ['sc'], hasStatus: false, immutable: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] }],
    ['CSIDriver', 'csidrivers', 'cluster', { hasStatus: false, immutable: ['spec.attachRequired', 'spec.fsGroupPolicy', 'spec.volumeLifecycleModes'] }],
    ['CSINode', 'csinodes', 'cluster', plain],
    ['VolumeAttachment', 'volumeattachments', 'cluster', { immutable: ['spec'] }],
  ]),
  ...kindsOf('scheduling.k8s.io', 'v1', [['PriorityClass', 'priorityclasses', 'cluster', { shortNames: ['pc'], hasStatus: false, immutable: ['value', 'preemptionPolicy'] }]]),
  ...kindsOf('coordination.k8s.io', 'v1', [['Lease', 'leases', 'namespaced', plain]]),
  ...kindsOf('node.k8s.io', 'v1', [['RuntimeClass', 'runtimeclasses', 'cluster', { hasStatus: false, immutable: ['handler'] }]]),
  ...kindsOf('discovery.k8s.io', 'v1', [['EndpointSlice', 'endpointslices', 'namespaced', { hasStatus: false, immutable: ['addressType'] }]]),
  ...kindsOf('admissionregistration.k8s.io', 'v1', [
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'cluster', plain],
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'cluster', plain],
    ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies', 'cluster'],
    ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', 'cluster', plain],
  ]),
  ...kindsOf('apiextensions.k8s.io', 'v1', [
    ['CustomResourceDefinition', 'customresourcedefinitions', 'cluster', { shortNames: ['crd'], immutable: ['spec.group', 'spec.scope', 'spec.names.plural', 'spec.names.kind'] }],
  ]),
  ...kindsOf('apiregistration.k8s.io', 'v1', [['APIService', 'apiservices', 'cluster']]),
  ...kindsOf('certificates.k8s.io', 'v1', [['CertificateSigningRequest', 'certificatesigningrequests', 'cluster', { shortNames: ['csr'], immutable: ['spec'] }]]),
];

/** `group/plural`: where the objects of a kind are kept. */
export function kindKey(kind: Pick<KindEntry, 'group' | 'plural'>): string {
  return `${kind.group}/${kind.plural}`;
}

/** `v1` or `group/version`. */
export function apiVersionOf(kind: Pick<KindEntry, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** Whether a kind is the core's Pod. */
export function isPod(kind: Pick<KindEntry, 'group' | 'kind'>): boolean {
  return kind.group === '' && kind.kind === 'Pod';
}
