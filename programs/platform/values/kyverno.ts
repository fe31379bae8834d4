import { addonNamespaces } from '../../../model/platform.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/**
 * Namespaces that Kyverno leaves alone: Kubernetes' own and those of all add-ons, whether this cluster has them or not, and what Calico's operator makes. What a cluster needs to start, and to
 * be mended, must not wait for a webhook, and what it consists of is judged where it is made.
 */
export const namespacesWithoutPolicies: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'calico-system', ...Object.keys(addonNamespaces)];

/** Kyverno: replicas and monitors of its four controllers, its alert rule, and the namespaces that its webhooks never see. */
export function kyverno({ spec }: ValuesInput): Record<string, unknown> {
  const controller = (replicas: number) => ({ replicas: highlyAvailable(spec) ? replicas : 1, serviceMonitor: { enabled: monitored(spec) } });
  return {
    // All of them answer. Of the others one leads and one waits.
    admissionController: controller(3),
    backgroundController: controller(2),
    cleanupController: controller(2),
    reportsController: controller(2),
    config: { webhooks: { namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: namespacesWithoutPolicies }] } } },
  };
}
