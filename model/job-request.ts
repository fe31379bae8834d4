import { z } from 'zod';
import { unhealthyMachineSchema } from './node-health.js';
import { accessGrantSchema } from './spec.js';

/** What a cluster can be saved as. */
export const backupContents = ['etcd'] as const;

export const backupRequestSchema = z.strictObject({ of: z.array(z.enum(backupContents)).min(1).default([...backupContents]).describe('What to save; all of it by default') });

export const restoreRequestSchema = z.strictObject({ from: z.string().min(1).max(200).describe('Id of the backup to come back to, as the list of backups has it') });

/** What a change does to temporary access; `ended`: the service forgets what has ended by itself. */
export const accessChangeSchema = z.strictObject({ change: z.enum(['granted', 'revoked', 'ended']), grants: z.array(accessGrantSchema).min(1) });

/** What can be made anew: the certificates of control planes with the provisioner's, the key of etcd's contents, that of service accounts' tokens, or the authorities. */
export const rotations = ['leaf', 'encryption-key', 'service-account-key', 'ca'] as const;
export type Rotation = (typeof rotations)[number];

/** Those that take two jobs: what the old one has signed is out there, and lasts for a while. */
const phasedRotations = ['service-account-key', 'ca'] as const satisfies readonly Rotation[];
export type PhasedRotation = (typeof phasedRotations)[number];

/** Whether a rotation is one of them. */
export function isPhased(what: Rotation): what is PhasedRotation {
  return phasedRotations.some((one) => one === what);
}

/** The halves of what old and new have to be trusted side by side for. */
export const rotationPhases = ['begin', 'finish'] as const;
export type RotationPhase = (typeof rotationPhases)[number];

const rotationShape = z.strictObject({
  what: z.enum(rotations).describe('`leaf`: every certificate of the control planes, and the service\'s own; `encryption-key`: the key that Secrets are encrypted with in etcd; `service-account-key`: the key that signs the tokens of service accounts; `ca`: the authorities that sign all certificates'),
  phase: z.enum(rotationPhases).optional().describe('For `ca` and `service-account-key`, and only there: `begin` has old and new trusted everywhere; `finish` takes the old ones away, of `ca` once everybody has a new kubeconfig'),
});

export const rotationRequestSchema = rotationShape.superRefine(({ what, phase }, context) => {
  if (isPhased(what) && phase === undefined) context.addIssue({ code: 'custom', path: ['phase'], message: `is needed for \`${what}\`: begin or finish` });
  if (!isPhased(what) && phase !== undefined) context.addIssue({ code: 'custom', path: ['phase'], message: 'is for `ca` and `service-account-key` only' });
});

/** What was asked for beside the spec, by the kind of job. No secret is in it. */
export const jobRequestSchema = z.discriminatedUnion('kind', [
  backupRequestSchema.extend({ kind: z.literal('backup') }),
  restoreRequestSchema.extend({ kind: z.literal('restore') }),
  z.strictObject({ kind: z.literal('update'), access: accessChangeSchema }),
  rotationShape.extend({ kind: z.literal('rotate') }),
  // Of the service itself: who asks for a repair through the API names no machines.
  z.strictObject({ kind: z.literal('repair'), replace: z.array(unhealthyMachineSchema).min(1) }),
]);
export type JobRequest = z.infer<typeof jobRequestSchema>;
