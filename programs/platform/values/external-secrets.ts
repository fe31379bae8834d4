import { addonServiceAccounts } from '../../service-accounts.js';
import { managedLabels } from '../names.js';
import { secretFence } from '../secret-fence.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** external-secrets: the identity that reads the cloud's store, replicas and disruption budgets of its three parts, ServiceMonitors, and the fence around what each namespace may ask for. */
export function externalSecrets(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const available = highlyAvailable(spec);
  // One leads and one waits.
  const replicas = available ? 2 : 1;
  const budget = { enabled: available };
  const identity = requiredIdentityParts('external-secrets', input);
  return {
    replicaCount: replicas,
    podDisruptionBudget: budget,
    certController: { replicaCount: replicas, podDisruptionBudget: budget },
    // All of them answer, and what they do not answer is refused.
    webhook: { replicaCount: available ? 3 : 1, podDisruptionBudget: budget },
    serviceAccount: { name: addonServiceAccounts[spec.provider]['external-secrets'].name },
    extraEnv: identity.env,
    extraVolumes: identity.volumes,
    extraVolumeMounts: identity.mounts,
    serviceMonitor: { enabled: monitored(spec) },
    extraObjects: [...secretFence(spec), ...ownToken(spec)],
  };
}

/** The right to make a token of its own service account, and of no other: a store outside of the cluster's cloud is given one that is meant for it alone. */
function ownToken({ provider, secretStore }: ValuesInput['spec']): object[] {
  if (secretStore.kind === 'cloud') return [];
  const { name: account, namespace } = addonServiceAccounts[provider]['external-secrets'];
  const metadata = { name: 'own-token', namespace, labels: managedLabels };
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [account], verbs: ['create'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }, subjects: [{ kind: 'ServiceAccount', name: account, namespace }] },
  ];
}
