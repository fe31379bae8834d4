import type { ClusterApi } from '../api-server/cluster-api.js';
import type { ControllerCloud } from './controller-cloud.js';

/** What the controllers of one cluster work on. */
export interface ControllerContext {
  readonly api: ClusterApi;
  readonly cloud: ControllerCloud;
}
