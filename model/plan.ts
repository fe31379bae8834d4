import { z } from 'zod';
import { costSchema, type Cost } from './cost.js';
import { stackKinds } from './names.js';

/** What would change in one stack, or in several together. */
const stackPlanSchema = z.strictObject({
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
export type StackPlan = z.infer<typeof stackPlanSchema>;

/** What a job of kind `preview` found would change. */
export const planSchema = stackPlanSchema.extend({
  /** Null where a region or a machine type has no price here, and in plans of before there were prices. */
  cost: costSchema.nullable().default(null),
});
export type Plan = z.infer<typeof planSchema>;
/** One resource that would change. */
export type PlannedChange = StackPlan['changes'][number];

/** The plan of two stacks together, with what comes out of it costs. */
export function mergePlans(plans: readonly StackPlan[], cost: Cost | null): Plan {
  const sum = (field: 'create' | 'update' | 'replace' | 'delete' | 'same') => plans.reduce((total, plan) => total + plan[field], 0);
  return {
    stacks: plans.flatMap((plan) => plan.stacks),
    create: sum('create'), update: sum('update'), replace: sum('replace'), delete: sum('delete'), same: sum('same'),
    changes: plans.flatMap((plan) => plan.changes),
    cost,
  };
}
