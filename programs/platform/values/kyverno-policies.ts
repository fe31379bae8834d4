import { namespacesWithoutPolicies } from './kyverno.js';

/** Kyverno's policies: the namespaces on which they do not report. The webhooks leave them out already; scans of what is there do not ask the webhooks. */
export function kyvernoPolicies(): Record<string, unknown> {
  return { vpolExclude: { excludeNamespaces: namespacesWithoutPolicies } };
}
