import * as pulumi from '@pulumi/pulumi';
import { Stash } from '@pulumi/pulumi/stash.js';
import { recordName, type StackRecord } from './record.js';

/** Type token of the component that all resources of a stack are children of. */
export const clusterType = 'clusterwright:index:Cluster';

/**
 * The root of a stack. Its record (resolved spec, uid, slot, installation) is a resource of its own, and not an output of the component, because outputs
 * are registered when the program ends, while what `record` depends on it is registered after it is in the state. The engine's built-in
 * provider keeps it: a changed spec is an update in place, a deletion touches nothing.
 */
export class Cluster extends pulumi.ComponentResource {
  /** The first cloud resource, in practice the provider that all others use, depends on this. */
  readonly record: pulumi.Resource;

  constructor({ spec, uid, slot, installation, rollout }: Omit<StackRecord, 'schema'>) {
    super(clusterType, spec.name);
    const record: StackRecord = { schema: 1, uid, slot, installation, spec, ...(rollout === undefined ? {} : { rollout }) };
    this.record = new Stash(recordName, { input: record }, { parent: this });
    this.registerOutputs({});
  }
}
