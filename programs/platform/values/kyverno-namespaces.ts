import { addonNamespaces } from '../../../model/platform.js';

/**
 * Namespaces that Kyverno leaves alone: Kubernetes' own and those of all add-ons, whether this cluster has them or not, and what Calico's operator makes. What a cluster needs to start, and to
 * be mended, must not wait for a webhook, and what it consists of is judged where it is made.
 */
export const namespacesWithoutPolicies: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'calico-system', ...Object.keys(addonNamespaces)];

/** A text of names, host names and paths as CEL writes it. */
export function celString(text: string): string {
  return `'${text}'`;
}

/** A policy's condition that leaves these namespaces out: scans of what is there already do not ask the webhooks. */
export const teamsOnly = { name: 'teams-only', expression: `!(request.namespace in [${namespacesWithoutPolicies.map(celString).join(', ')}])` };
