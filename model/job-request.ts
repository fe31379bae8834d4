import { z } from 'zod';
import { repeated } from './faults.js';
import { dnsLabelSchema } from './fields.js';
import { isJsonObject, type Json } from './merge-patch.js';
import { clusterNamePattern } from './names.js';
import { unhealthyMachineSchema } from './node-health.js';
import { objectsBackupPrefix } from './objects-backup.js';
import { isReservedNamespace } from './platform.js';
import { accessGrantSchema, providers } from './spec.js';

/** What a cluster can be saved as: `etcd`, all of its objects at one moment; `objects`, by Velero, namespace by namespace and with the files of volumes. */
export const backupContents = ['etcd', 'objects'] as const;

export const backupRequestSchema = z.strictObject({ of: z.array(z.enum(backupContents)).min(1).default(['etcd']).describe('What to save: `etcd`; `objects`, by Velero, with the files of volumes, for which the spec has to have `velero` as its `backup`') });

/** What a restore drill tries: a snapshot of etcd beside the cluster, or a backup of objects in a cluster that is made for it and deleted again. */
export const drillContents = ['etcd', 'cluster'] as const;

export const drillRequestSchema = z.strictObject({
  of: z.enum(drillContents).default('etcd').describe('What to try: `etcd`, the newest snapshot, beside the cluster; `cluster`, the newest of Velero\'s backups with files, in a cluster that is made for it and deleted again, for which the spec has to have `velero` as its `backup`'),
  in: z.custom<{ [key: string]: Json }>(isJsonObject, 'must be a JSON object').optional().meta({ type: 'object', additionalProperties: true, description: 'Of `cluster` only: a JSON merge patch (RFC 7396) on the spec of the cluster that is made for it, such as another region' }),
}).superRefine(({ of, in: patch }, context) => {
  if (of !== 'cluster' && patch !== undefined) context.addIssue({ code: 'custom', path: ['in'], message: 'is for a drill of `cluster` only' });
});

/** What becomes of objects that are there already. */
export const existingObjects = ['keep', 'update'] as const;

const restoreShape = z.strictObject({
  from: z.string().min(1).max(300).describe('Id of the backup to come back to, as the list of backups has it: `etcd/TIME` takes all of the cluster back, `velero/NAME` brings objects of some namespaces back'),
  sourceCluster: z.string().regex(clusterNamePattern, 'must be the name of a cluster').optional().describe('Of `velero/NAME` only: the cluster of the same owner whose backup it is, on whichever cloud; this cluster itself where it is left out. What is needed of the backup is copied into this cluster\'s private store'),
  namespaces: z.array(dnsLabelSchema(63).refine((name) => !isReservedNamespace(name), 'is Kubernetes\' or the platform\'s own: a repair makes it what it should be')).min(1).max(100).optional().describe('Of `velero/NAME` only: what to bring back; where it is left out, the namespaces of this cluster\'s spec that the other\'s spec has too'),
  existing: z.enum(existingObjects).optional().describe('Of `velero/NAME` only: whether objects that are there are left alone, which is the default, or become what they were. With `update` claims, volumes and pods stay out of it, and so do the files of volumes'),
});

/** A request that was checked. */
export type RestoreRequest = z.infer<typeof restoreShape>;

/** A request to take a cluster back, or to bring objects of it back. */
export const restoreRequestSchema = restoreShape.superRefine(({ from, ...onlyOfObjects }, context) => {
  const fault = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (!from.startsWith(objectsBackupPrefix)) {
    for (const [name, value] of Object.entries(onlyOfObjects)) if (value !== undefined) fault([name], `is for backups of objects only, whose ids begin with "${objectsBackupPrefix}"`);
    return;
  }
  for (const index of repeated(onlyOfObjects.namespaces ?? [])) fault(['namespaces', index], 'is given above already');
});

/** What machines that are behind are brought to: the image that new ones are made from, and the release of the cluster's minor. */
export const machineImagesSchema = z.literal('current');

/** What an upgrade is beside the minor in the spec: within it, or in place. One that replaces every machine by another minor's has none. */
const upgradeRequestSchema = z.strictObject({
  kind: z.literal('upgrade'),
  machineImages: machineImagesSchema.optional(),
  /** Machines stay, and get the other minor where they are. */
  inPlace: z.literal(true).optional(),
}).refine(({ machineImages, inPlace }) => (machineImages === undefined) !== (inPlace === undefined), 'is either of machine images or in place');

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
  restoreShape.pick({ from: true }).extend({ kind: z.literal('restore') }),
  z.strictObject({
    kind: z.literal('restore-objects'),
    /** Velero's name of the backup. */
    backup: z.string(),
    /** The cluster that has it, where that is another; and no other that may get its name. */
    source: z.strictObject({ name: z.string(), uid: z.string(), provider: z.enum(providers) }).nullable(),
    namespaces: z.array(z.string()).min(1),
    existing: z.enum(existingObjects),
  }),
  z.strictObject({
    kind: z.literal('cluster-drill'),
    /** Velero's name of the backup that is tried, and when it was begun. */
    backup: z.string(),
    at: z.iso.datetime(),
    /** The cluster that it is a drill of. */
    source: z.strictObject({ name: z.string(), uid: z.string(), provider: z.enum(providers) }),
  }),
  z.strictObject({ kind: z.literal('update'), access: accessChangeSchema }),
  rotationShape.extend({ kind: z.literal('rotate') }),
  upgradeRequestSchema,
  // Of the service itself: who asks for a repair through the API names no machines.
  z.strictObject({ kind: z.literal('repair'), replace: z.array(unhealthyMachineSchema).min(1) }),
]);
export type JobRequest = z.infer<typeof jobRequestSchema>;

/** Whether an upgrade replaces what is behind within its minor, and goes to no other. */
export function isOfMachineImages(request: JobRequest | undefined): boolean {
  return request?.kind === 'upgrade' && request.machineImages !== undefined;
}

/** Whether an upgrade leaves machines where they are. */
export function isInPlace(request: JobRequest | undefined): boolean {
  return request?.kind === 'upgrade' && request.inPlace === true;
}
