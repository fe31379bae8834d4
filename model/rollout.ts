import { z } from 'zod';
import { kubernetesVersions, type ClusterSpec, type KubernetesVersion } from './spec.js';

/**
 * In which minors the machines of a cluster are made while an upgrade replaces them. It stands in the infrastructure's state beside the spec, so that whoever works on the cluster meanwhile, or after an upgrade that was
 * stopped, makes machines that can join. It is missing where everything is in the minor of the spec.
 */
export const rolloutSchema = z.strictObject({
  controlPlane: z.enum(kubernetesVersions),
  /** Never newer than the oldest control plane: a kubelet may not be newer than the API server that it talks to. */
  pools: z.enum(kubernetesVersions),
  /** Whether there is one control plane more than the spec has, so that etcd never has fewer members than that. */
  surge: z.boolean(),
  /** Whether control planes are on their way to their minor in place: some may be of the one before, and there is no machine more. Missing otherwise. */
  inPlace: z.literal(true).optional(),
});
export type Rollout = z.infer<typeof rolloutSchema>;

/** What a stack's state says of its cluster, as far as the minors of machines go. */
export interface MadeIn {
  readonly spec: Pick<ClusterSpec, 'kubernetesVersion'>;
  readonly rollout?: Rollout | undefined;
}

/** The rollout that machines were last made by, where it is spelt out. */
export function rolloutOf({ spec: { kubernetesVersion }, rollout }: MadeIn): Rollout {
  return rollout ?? { controlPlane: kubernetesVersion, pools: kubernetesVersion, surge: false };
}

/** A rollout as programs are given it: undefined where it says no more than the spec does. */
export function beyondSpec({ kubernetesVersion }: Pick<ClusterSpec, 'kubernetesVersion'>, rollout: Rollout | undefined): Rollout | undefined {
  return rollout !== undefined && (rollout.surge || rollout.inPlace === true || rollout.controlPlane !== kubernetesVersion || rollout.pools !== kubernetesVersion) ? rollout : undefined;
}

/** The minor of what runs in the cluster: never newer than an API server, so it follows when all control planes are new. */
export function platformVersion({ kubernetesVersion }: Pick<ClusterSpec, 'kubernetesVersion'>, rollout: Rollout | undefined): KubernetesVersion {
  if (rollout === undefined) return kubernetesVersion;
  return rollout.surge || rollout.inPlace === true ? rollout.pools : rollout.controlPlane;
}
