import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** The policies that lie beside this module, each named as its object. */
export const policyFiles = ['trusted-registries', 'fixed-image-tags', 'requests-and-limits', 'read-only-root'] as const;
export type PolicyFile = (typeof policyFiles)[number];

const named = z.strictObject({ name: z.string(), expression: z.string() });
const policySchema = z.strictObject({
  apiVersion: z.literal('policies.kyverno.io/v1beta1'),
  kind: z.literal('ValidatingPolicy'),
  metadata: z.strictObject({ name: z.enum(policyFiles), annotations: z.record(z.string(), z.string()) }),
  spec: z.strictObject({
    // While nobody answers, nothing is held up.
    failurePolicy: z.literal('Ignore'),
    matchConstraints: z.strictObject({
      resourceRules: z.array(z.strictObject({ apiGroups: z.array(z.string()), apiVersions: z.array(z.string()), operations: z.array(z.string()), resources: z.array(z.string()) })),
    }),
    matchConditions: z.array(named).default([]),
    variables: z.array(named).default([]),
    validations: z.array(z.strictObject({ expression: z.string(), message: z.string() })),
  }),
});
/** A policy of Kyverno in CEL, as far as it is the same for every cluster. */
export type Policy = z.infer<typeof policySchema>;

/** A policy's file, parsed. One that is no such policy is a fault of the package and throws. */
export function policyTemplate(file: PolicyFile): Policy {
  return policySchema.parse(parse(readFileSync(new URL(`./${file}.yaml`, import.meta.url), 'utf8')));
}
