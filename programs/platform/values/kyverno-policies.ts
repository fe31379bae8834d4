import type { ClusterSpec } from '../../../model/spec.js';
import { policyTemplate, type Policy, type PolicyFile } from '../../../templates/policies/index.js';
import type { ValuesInput } from './context.js';
import { kyvernoAnswers } from './kyverno-answers.js';
import { celString, teamsOnly } from './kyverno-cel.js';
import { namespacesWithoutPolicies, policyFilesOf, refuses } from './policies.js';
import { signedImages } from './signed-images.js';

/**
 * Kyverno's policies: the namespaces on which they do not report, and the platform's own beside those of Pod Security. The webhooks leave those namespaces out already; scans of what is
 * there do not ask the webhooks. With them goes the job that holds the release until Kyverno answers.
 */
export function kyvernoPolicies({ spec }: ValuesInput): Record<string, unknown> {
  return { vpolExclude: { excludeNamespaces: namespacesWithoutPolicies }, customPolicies: [kyvernoAnswers, ...policiesOf(spec), ...signedImages(spec)] };
}

/** What a policy of the platform is in a cluster of this spec. */
export function policiesOf(spec: ClusterSpec): object[] {
  return policyFilesOf(spec).map((file) => {
    const policy = policyTemplate(file);
    return {
      ...policy,
      spec: {
        ...policy.spec,
        matchConditions: [teamsOnly, ...policy.spec.matchConditions],
        variables: [...variablesOf(file, spec), ...policy.spec.variables],
        // Pods alone: refusing what makes them would keep somebody from scaling down or deleting what was there before the policy.
        autogen: { podControllers: { controllers: [] } },
        validationActions: [refuses(file, spec) ? 'Deny' : 'Audit'],
      },
    };
  });
}

function variablesOf(file: PolicyFile, { policies }: ClusterSpec): Policy['spec']['variables'] {
  return file === 'trusted-registries' ? [{ name: 'trusted', expression: `[${policies.trustedRegistries.map(celString).join(', ')}]` }] : [];
}
