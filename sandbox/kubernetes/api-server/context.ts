import type { KindRegistry } from './kind-registry.js';
import type { ObjectTable } from './object-table.js';

/** How long things take in the simulated cluster, in milliseconds of the clock. */
export interface ClusterTimings {
  /** From a change of a workload to its pods being ready. */
  workloadStart: number;
  /** From the deletion of a namespace to its end. */
  namespaceEnd: number;
  /** From the beginning of a backup or restore of Velero's to its end; absent: at once. */
  backup?: number;
}

/** What the operations of one API server work on. */
export interface ApiContext {
  readonly table: ObjectTable;
  readonly kinds: KindRegistry;
  /** Milliseconds of the sandbox's clock. */
  readonly now: () => number;
  readonly timings: ClusterTimings;
}

/** The clock's time as Kubernetes writes it: RFC 3339, whole seconds. */
export function timestamp(context: Pick<ApiContext, 'now'>): string {
  return new Date(context.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}
