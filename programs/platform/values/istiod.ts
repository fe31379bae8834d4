import { highlyAvailable, type ValuesInput } from './context.js';

/** Istio's control plane: replicas, all of which answer, and a disruption budget, which over a single one would hold up the drain of its node. */
export function istiod({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return { replicaCount: available ? 2 : 1, global: { defaultPodDisruptionBudget: { enabled: available } } };
}
