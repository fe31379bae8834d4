import { z } from 'zod';
import { stackKinds } from './names.js';

/** What a job of kind `preview` found would change. */
export const planSchema = z.strictObject({
  stacks: z.array(z.strictObject({
    name: z.string(),
    /** `previewed`: the engine compared with what exists. `declared`: read from the program, since what it would change does not exist yet. */
    basis: z.enum(['previewed', 'declared']),
  })).max(stackKinds.length),
  create: z.int(),
  update: z.int(),
  replace: z.int(),
  delete: z.int(),
  same: z.int(),
  changes: z.array(z.strictObject({
    type: z.string(),
    name: z.string(),
    op: z.enum(['create', 'update', 'replace', 'delete']),
    /** Names of the properties that differ; empty for creations and deletions. */
    properties: z.array(z.string()),
  })),
});
export type Plan = z.infer<typeof planSchema>;
/** One resource that would change. */
export type PlannedChange = Plan['changes'][number];

/** The plan of two stacks together. */
export function mergePlans(plans: readonly Plan[]): Plan {
  const sum = (field: 'create' | 'update' | 'replace' | 'delete' | 'same') => plans.reduce((total, plan) => total + plan[field], 0);
  return {
    stacks: plans.flatMap((plan) => plan.stacks),
    create: sum('create'), update: sum('update'), replace: sum('replace'), delete: sum('delete'), same: sum('same'),
    changes: plans.flatMap((plan) => plan.changes),
  };
}
