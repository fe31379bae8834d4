import { addonNamespaces } from '../../../model/platform.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { policyFiles, type PolicyFile } from '../../../templates/policies/index.js';

/**
 * Namespaces that policies leave alone: Kubernetes' own and those of all add-ons, whether this cluster has them or not, and what Calico's operator makes. What a cluster needs to start, and to
 * be mended, must not wait for a webhook, and what it consists of is judged where it is made.
 */
export const namespacesWithoutPolicies: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'calico-system', ...Object.keys(addonNamespaces)];

/** The policies that a cluster of this spec has, whoever applies them. */
export function policyFilesOf({ policies }: ClusterSpec): PolicyFile[] {
  return policyFiles.filter((file) => file !== 'trusted-registries' || policies.trustedRegistries.length > 0);
}

/** Whether a policy refuses, or reports alone. */
export function refuses(file: PolicyFile, { policies }: ClusterSpec): boolean {
  return policies.mode === 'enforce' && file !== 'read-only-root';
}
