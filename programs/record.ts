import { z } from 'zod';
import { rolloutSchema } from '../model/rollout.js';
import { clusterSpecSchema } from '../model/spec.js';

/** Type token and name of the resource that holds the cluster's record in the state. It costs nothing and exists nowhere else, so plans leave it out. */
export const recordType = 'pulumi:index:Stash';
export const recordName = 'record';

const recordSchema = z.strictObject({ schema: z.literal(1), uid: z.string(), slot: z.int(), installation: z.string(), spec: clusterSpecSchema, rollout: rolloutSchema.optional() });
/** What the state of a stack tells about its cluster. There is no secret in it. */
export type StackRecord = z.infer<typeof recordSchema>;

const stateSchema = z.looseObject({ resources: z.array(z.looseObject({ type: z.string(), inputs: z.looseObject({ input: z.unknown().optional() }).optional() })).optional() });

/**
 * Reads the record out of the `deployment` of an exported stack; undefined where the stack has none. It takes the resource's input: the
 * built-in provider keeps the first value as output forever.
 */
export function recordInState(deployment: unknown): StackRecord | undefined {
  const parsed = stateSchema.safeParse(deployment);
  const stash = parsed.success ? parsed.data.resources?.find((resource) => resource.type === recordType) : undefined;
  const record = recordSchema.safeParse(stash?.inputs?.input);
  return record.success ? record.data : undefined;
}
