import { highlyAvailable, monitored, type ValuesInput } from './context.js';
import { namespacesWithoutPolicies } from './policies.js';

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
