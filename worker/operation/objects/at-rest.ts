import { managedLabels } from '../../../programs/platform/names.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import type { Provider } from '../../../model/spec.js';
import type { KubernetesClient } from '../../kubernetes/client.js';

/** Where Kubernetes lists what a drill brings back, by Velero's name of each kind: what teams write themselves, and nothing that runs by being there or that an operator would act on. */
export const broughtBack: Readonly<Record<string, string>> = {
  'configmaps': '/api/v1/configmaps',
  'secrets': '/api/v1/secrets',
  'serviceaccounts': '/api/v1/serviceaccounts',
  'services': '/api/v1/services',
  'persistentvolumeclaims': '/api/v1/persistentvolumeclaims',
  'resourcequotas': '/api/v1/resourcequotas',
  'limitranges': '/api/v1/limitranges',
  'deployments.apps': '/apis/apps/v1/deployments',
  'statefulsets.apps': '/apis/apps/v1/statefulsets',
  'daemonsets.apps': '/apis/apps/v1/daemonsets',
  'cronjobs.batch': '/apis/batch/v1/cronjobs',
  'horizontalpodautoscalers.autoscaling': '/apis/autoscaling/v2/horizontalpodautoscalers',
  'poddisruptionbudgets.policy': '/apis/policy/v1/poddisruptionbudgets',
  'networkpolicies.networking.k8s.io': '/apis/networking.k8s.io/v1/networkpolicies',
  'roles.rbac.authorization.k8s.io': '/apis/rbac.authorization.k8s.io/v1/roles',
  'rolebindings.rbac.authorization.k8s.io': '/apis/rbac.authorization.k8s.io/v1/rolebindings',
};

const name = 'clusterwright-at-rest';
const mark = 'clusterwright.io/at-rest';

interface Rule {
  readonly resource: string;
  /** Only where a field has this value. */
  readonly only?: { readonly path: string; readonly value: string };
  /** What becomes of it: a merge patch. */
  readonly patch: object;
}

/** What keeps the copy of a cluster from acting: nothing runs, no load balancer is made, and claims wait for volumes of their own instead of naming those of the other cluster. */
const rules: readonly Rule[] = [
  ...['deployments.apps', 'statefulsets.apps'].map((resource) => ({ resource, patch: { spec: { replicas: 0 } } })),
  // One for each node that has the label, and none has.
  { resource: 'daemonsets.apps', patch: { spec: { template: { spec: { nodeSelector: { [mark]: 'true' } } } } } },
  { resource: 'cronjobs.batch', patch: { spec: { suspend: true } } },
  // A class that nobody serves: the cloud's controller leaves it alone, and all other fields stay valid.
  { resource: 'services', only: { path: '/spec/type', value: 'LoadBalancer' }, patch: { spec: { loadBalancerClass: mark } } },
  // Velero takes the rest of the binding out itself.
  { resource: 'persistentvolumeclaims', patch: { spec: { volumeName: null } } },
];

/** The part of a Restore's spec by which what comes back is at rest. https://velero.io/docs/v1.18/restore-resource-modifiers/ */
export const restoredAtRest = { includedResources: Object.keys(broughtBack), includeClusterResources: false, resourceModifier: { kind: 'ConfigMap', name } } as const;

/** Puts down what Velero changes in objects as it brings them back. */
export async function keepAtRest(client: KubernetesClient, provider: Provider): Promise<void> {
  const { namespace } = addonServiceAccounts[provider].velero;
  await client.apply(`/api/v1/namespaces/${namespace}/configmaps/${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: managedLabels }, data: { 'rules.yaml': resourceModifiers() } });
}

/** The same as Velero reads it: JSON is YAML. Pure. */
export function resourceModifiers(): string {
  return JSON.stringify({
    version: 'v1',
    resourceModifierRules: rules.map(({ resource, only, patch }) => ({ conditions: { groupResource: resource, ...(only === undefined ? {} : { matches: [only] }) }, mergePatches: [{ patchData: JSON.stringify(patch) }] })),
  });
}
