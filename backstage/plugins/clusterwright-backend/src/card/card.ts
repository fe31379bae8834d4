import type { Cluster, Job } from '@clusterwright/client';

/** What the card shows of a cluster. */
export interface ClusterCard {
  readonly cluster: Pick<Cluster, 'name' | 'state' | 'simulated' | 'endpoint' | 'nodes' | 'conditions'> & { readonly kubernetesVersion: string; readonly provider: string; readonly region: string };
  /** Its last job, if there was one. */
  readonly job: Pick<Job, 'id' | 'kind' | 'state' | 'phase' | 'progress' | 'createdAt' | 'endedAt' | 'error'> | null;
  readonly consoleUrl: string;
}
