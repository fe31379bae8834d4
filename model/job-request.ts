import { z } from 'zod';
import { unhealthyMachineSchema } from './node-health.js';
import { accessGrantSchema } from './spec.js';

/** What a cluster can be saved as. */
export const backupContents = ['etcd'] as const;

export const backupRequestSchema = z.strictObject({ of: z.array(z.enum(backupContents)).min(1).default([...backupContents]).describe('What to save; all of it by default') });

export const restoreRequestSchema = z.strictObject({ from: z.string().min(1).max(200).describe('Id of the backup to come back to, as the list of backups has it') });

/** What a change does to temporary access; `ended`: the service forgets what has ended by itself. */
export const accessChangeSchema = z.strictObject({ change: z.enum(['granted', 'revoked', 'ended']), grants: z.array(accessGrantSchema).min(1) });

/** What can be made anew: the certificates of control planes with the provisioner's, or the key of etcd's contents. */
export const rotations = ['leaf', 'encryption-key'] as const;
export type Rotation = (typeof rotations)[number];

export const rotationRequestSchema = z.strictObject({ what: z.enum(rotations).describe('`leaf`: every certificate of the control planes, and the service\'s own; `encryption-key`: the key that Secrets are encrypted with in etcd') });

/** What was asked for beside the spec, by the kind of job. No secret is in it. */
export const jobRequestSchema = z.discriminatedUnion('kind', [
  backupRequestSchema.extend({ kind: z.literal('backup') }),
  restoreRequestSchema.extend({ kind: z.literal('restore') }),
  z.strictObject({ kind: z.literal('update'), access: accessChangeSchema }),
  rotationRequestSchema.extend({ kind: z.literal('rotate') }),
  // Of the service itself: who asks for a repair through the API names no machines.
  z.strictObject({ kind: z.literal('repair'), replace: z.array(unhealthyMachineSchema).min(1) }),
]);
export type JobRequest = z.infer<typeof jobRequestSchema>;
