import { z } from 'zod';
import { imageSourceSchema } from './fields.js';

/** What happens to a pod that the platform's own policies object to: it is reported, or refused. */
export const policyModes = ['audit', 'enforce'] as const;

/** Settings of the platform's own policies, which `platform.policy` applies to the namespaces of teams. What it says by default holds nothing up. */
export const policiesSchema = z.strictObject({
  mode: z.enum(policyModes).default('audit').describe('Whether pods that a policy objects to are reported or refused; a root file system that can be written to is reported only'),
  trustedRegistries: z.array(imageSourceSchema).max(50).default([]).describe('Registries that images may come from, each with a path if not all of it is meant; none named: any'),
});
/** Settings of the platform's own policies. */
export type Policies = z.infer<typeof policiesSchema>;
