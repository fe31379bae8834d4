/** Annotations of a cluster's entity. */
export const clusterAnnotations = {
  name: 'clusterwright.io/cluster',
  uid: 'clusterwright.io/uid',
  provider: 'clusterwright.io/provider',
  region: 'clusterwright.io/region',
  kubernetesVersion: 'clusterwright.io/kubernetes-version',
  state: 'clusterwright.io/state',
  simulated: 'clusterwright.io/simulated',
} as const;
