import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** The snapshot controller: replicas, a disruption budget where there are several, and its monitor. */
export function snapshotController({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  return { controller: { replicaCount: available ? 2 : 1, pdb: available ? { maxUnavailable: 1 } : {}, serviceMonitor: { create: monitored(spec) } } };
}
