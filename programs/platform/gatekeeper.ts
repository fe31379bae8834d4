import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterSpec } from '../../model/spec.js';
import { policyTemplate, type PolicyFile } from '../../templates/policies/index.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { namespacesWithoutPolicies, policyFilesOf, refuses } from './values/policies.js';

/** A policy's kind of constraint, as `ClusterwrightFixedImageTags`. */
export function constraintKind(file: PolicyFile): string {
  return ['clusterwright', ...file.split('-')].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** An object with what it says. */
interface Described {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: typeof managedLabels };
  readonly spec: object;
}

/** A policy as Gatekeeper has it: what it asks for, which brings a kind, and an object of that kind that says of what it is asked and what becomes of it. */
export interface Constrained {
  readonly file: PolicyFile;
  readonly template: Described;
  readonly constraint: Described;
}

/** The platform's own policies for Gatekeeper: the same expressions as Kyverno's, evaluated by the same library. */
export function constraintsOf(spec: ClusterSpec): Constrained[] {
  return policyFilesOf(spec).map((file) => {
    const { matchConditions, variables, validations, failurePolicy } = policyTemplate(file).spec;
    const kind = constraintKind(file);
    const trusted = file === 'trusted-registries';
    return {
      file,
      template: {
        apiVersion: 'templates.gatekeeper.sh/v1', kind: 'ConstraintTemplate', metadata: { name: kind.toLowerCase(), labels: managedLabels },
        spec: {
          crd: { spec: { names: { kind }, validation: { openAPIV3Schema: { type: 'object', properties: trusted ? { registries: { type: 'array', items: { type: 'string' } } } : {} } } } },
          targets: [{
            target: 'admission.k8s.gatekeeper.sh',
            code: [{
              engine: 'K8sNativeValidation',
              source: {
                failurePolicy,
                // Gatekeeper refuses, or nobody: with a policy of the API server's own beside it, two would have to agree on what is left out.
                generateVAP: false,
                // Gatekeeper's own name for it, in the singular.
                ...(matchConditions.length > 0 ? { matchCondition: matchConditions } : {}),
                variables: [...(trusted ? [{ name: 'trusted', expression: 'variables.params.registries' }] : []), ...variables],
                validations,
              },
            }],
          }],
        },
      },
      constraint: {
        apiVersion: 'constraints.gatekeeper.sh/v1beta1', kind, metadata: { name: file, labels: managedLabels },
        spec: {
          enforcementAction: refuses(file, spec) ? 'deny' : 'dryrun',
          match: { kinds: [{ apiGroups: [''], kinds: ['Pod'] }], excludedNamespaces: namespacesWithoutPolicies },
          ...(trusted ? { parameters: { registries: spec.policies.trustedRegistries } } : {}),
        },
      },
    };
  });
}

/** Declares Gatekeeper's policies when its release, whose webhook has answered, is there. A constraint's kind comes a moment after its template; Pulumi tries again until it is there. */
export function constrain({ input: { spec }, options }: PlatformContext, gatekeeper: pulumi.Resource): void {
  for (const { file, template, constraint } of constraintsOf(spec)) {
    const declared = new CustomResource(`constraint-template-${file}`, template, { ...options, dependsOn: gatekeeper });
    new CustomResource(`constraint-${file}`, constraint, { ...options, dependsOn: declared });
  }
}
