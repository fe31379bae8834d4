import type { ValuesInput } from './context.js';

/** Flannel: the pod network. */
export function flannel({ spec }: ValuesInput): Record<string, unknown> {
  return { podCidr: spec.network.podCidr };
}
