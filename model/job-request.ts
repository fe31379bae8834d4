import { z } from 'zod';
import { accessGrantSchema } from './spec.js';

/** What a cluster can be saved as. */
export const backupContents = ['etcd'] as const;

export const backupRequestSchema = z.strictObject({ of: z.array(z.enum(backupContents)).min(1).default([...backupContents]).describe('What to save; all of it by default') });

/** What a change does to temporary access; `ended`: the service forgets what has ended by itself. */
export const accessChangeSchema = z.strictObject({ change: z.enum(['granted', 'revoked', 'ended']), grants: z.array(accessGrantSchema).min(1) });

/** What was asked for beside the spec, by the kind of job. No secret is in it. */
export const jobRequestSchema = z.discriminatedUnion('kind', [backupRequestSchema.extend({ kind: z.literal('backup') }), z.strictObject({ kind: z.literal('update'), access: accessChangeSchema })]);
export type JobRequest = z.infer<typeof jobRequestSchema>;
