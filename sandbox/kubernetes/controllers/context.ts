import type { NodeFacts } from '../../../model/rendezvous.js';
import type { Cloud } from '../../aws/cloud.js';
import type { ClusterApi } from '../api-server/cluster-api.js';

/** What the controllers of one cluster work on. */
export interface ControllerContext {
  readonly api: ClusterApi;
  readonly cloud: Cloud;
  readonly facts: NodeFacts;
}
