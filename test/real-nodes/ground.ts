import type { Provider } from '../../model/spec.js';
import type { UsedService } from '../support/use-service.js';
import type { RealCluster } from './real-cluster.js';

/** A cluster that runs beneath tests. */
export interface Ground extends UsedService {
  readonly provider: Provider;
  readonly cluster: RealCluster;
}
