import type { ApiDependencies, Limits } from './dependencies.js';
import type { Metrics } from './metrics/metrics.js';

/** What every handler gets. */
export interface Context extends ApiDependencies {
  readonly limits: Limits;
  readonly metrics: Metrics;
  /** Aborted when the server stops: streams end politely. */
  readonly stopping: AbortSignal;
}
