import { highlyAvailable, type ValuesInput } from './context.js';
import { namespacesWithoutPolicies } from './policies.js';

/** Gatekeeper: replicas of its webhook, the budget over them, which for a single one would hold up the drain of its node, and the namespaces that its webhook never sees. */
export function gatekeeper({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return {
    replicas: available ? 3 : 1,
    pdb: { controllerManager: { minAvailable: available ? 2 : 0 } },
    validatingWebhookExemptNamespacesLabels: { 'kubernetes.io/metadata.name': namespacesWithoutPolicies },
  };
}
