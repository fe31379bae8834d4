import { z } from 'zod';
import { jobErrorSchema, jobStates, phaseStates } from './job.js';
import { phaseNames } from './phases.js';

/** What happens in a job, in the order in which it happened. */
export const jobEventBodySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('state'), state: z.enum(jobStates), attempt: z.int(), error: jobErrorSchema.nullable() }),
  z.strictObject({ type: z.literal('phase'), phase: z.enum(phaseNames), state: z.enum(phaseStates), title: z.string() }),
  z.strictObject({
    type: z.literal('resource'),
    stack: z.string(),
    /** Pulumi type token and the resource's name in the stack. */
    resourceType: z.string(),
    name: z.string(),
    op: z.enum(['create', 'update', 'replace', 'delete', 'read', 'refresh', 'import']),
    state: z.enum(['started', 'succeeded', 'failed']),
    done: z.int(),
    total: z.int(),
  }),
  z.strictObject({ type: z.literal('node'), node: z.string(), role: z.string(), step: z.string(), message: z.string().nullable() }),
  z.strictObject({ type: z.literal('message'), severity: z.enum(['info', 'warning', 'error']), text: z.string(), resource: z.string().nullable() }),
]);
export type JobEventBody = z.infer<typeof jobEventBodySchema>;

/** An event with its place in the job's stream: ids grow, and a reader resumes behind the last id it has seen. */
export const jobEventSchema = z.strictObject({ id: z.string(), at: z.iso.datetime(), event: jobEventBodySchema });
export type JobEvent = z.infer<typeof jobEventSchema>;
