import * as pulumi from '@pulumi/pulumi';
import { Stash } from '@pulumi/pulumi/stash.js';
import { z } from 'zod';
import { clusterSpecSchema } from '../model/spec.js';

/** Type token of the component that all resources of a stack are children of. */
export const clusterType = 'clusterwright:index:Cluster';

/** Type token and name of the resource that holds the cluster's record in the state. It costs nothing and exists nowhere else, so plans leave it out. */
export const recordType = 'pulumi:index:Stash';
export const recordName = 'record';

const recordSchema = z.strictObject({ schema: z.literal(1), uid: z.string(), slot: z.int(), installation: z.string(), spec: clusterSpecSchema });
/** What the state of a stack tells about its cluster. There is no secret in it. */
export type StackRecord = z.infer<typeof recordSchema>;

/**
 * The root of a stack. Its record (resolved spec, uid, slot, installation) is a resource of its own, and not an output of the component, because outputs
 * are registered when the program ends, while what `record` depends on it is registered after it is in the state. The engine's built-in
 * provider keeps it: a changed spec is an update in place, a deletion touches nothing.
 */
export class Cluster extends pulumi.ComponentResource {
  /** The first cloud resource, in practice the provider that all others use, depends on this. */
  readonly record: pulumi.Resource;

  constructor({ spec, uid, slot, installation }: Omit<StackRecord, 'schema'>) {
    super(clusterType, spec.name);
    const record: StackRecord = { schema: 1, uid, slot, installation, spec };
    this.record = new Stash(recordName, { input: record }, { parent: this });
    this.registerOutputs({});
  }
}

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
