import { z } from 'zod';

/** What a cluster can be saved as. */
export const backupContents = ['etcd'] as const;

export const backupRequestSchema = z.strictObject({ of: z.array(z.enum(backupContents)).min(1).default([...backupContents]).describe('What to save; all of it by default') });

/** What was asked for beside the spec, by the kind of job. No secret is in it. */
export const jobRequestSchema = z.discriminatedUnion('kind', [backupRequestSchema.extend({ kind: z.literal('backup') })]);
export type JobRequest = z.infer<typeof jobRequestSchema>;
