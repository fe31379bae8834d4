import * as pulumi from '@pulumi/pulumi';
import { platform } from '../../../programs/platform/index.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { inputOf } from './clusters.js';

/** A resource as the program declares it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What has been declared since `run` began, in the order in which it was. */
export const declared: Declared[] = [];

let opened: Promise<void> = Promise.resolve();

/** Holds back what Cilium's kinds are for, until the promise settles. */
export function holdPolicies(until: Promise<void>): void {
  opened = until;
}

/** Takes what the program declares in the place of an engine: each resource is as it was asked for. */
export async function takeResources(): Promise<void> {
  await pulumi.runtime.setMocks({
    newResource: async (resource) => {
      const inputs = resource.inputs as Record<string, unknown>;
      declared.push({ type: resource.type, name: resource.name, inputs });
      if (resource.type === 'kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy') await opened;
      return { id: `${resource.name}-id`, state: inputs };
    },
    call: () => ({}),
  }, 'clusterwright', 'payments-prod-platform', false);
}

/** Runs the program and gives what it declared in a stable order, without the record of the cluster, and its outputs. */
export async function run(spec: ClusterSpec): Promise<{ resources: Declared[]; outputs: unknown }> {
  declared.length = 0;
  const outputs = pulumi.output(await platform(inputOf(spec))());
  const resolved = await new Promise((resolve) => { outputs.apply(resolve); });
  await pulumi.runtime.disconnect();
  const resources = declared.filter(({ type }) => !type.startsWith('pulumi:index'));
  return { resources: resources.sort((left, right) => `${left.type} ${left.name}`.localeCompare(`${right.type} ${right.name}`)), outputs: resolved };
}

/** All resources of a type, with their names in the program. */
export const objects = (resources: readonly Declared[], type: string) => resources.filter((resource) => resource.type === type).map(({ name, inputs }) => ({ name, ...inputs })) as Record<string, unknown>[];
/** What all resources of a type are called in Kubernetes, `NAMESPACE/NAME` or `NAME`, sorted. */
export const namesOf = (resources: readonly Declared[], type: string) => resources.filter((resource) => resource.type === type).map(({ inputs }) => {
  const metadata = inputs['metadata'] as { name: string; namespace?: string };
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}).sort();
