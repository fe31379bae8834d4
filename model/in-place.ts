/**
 * What the service and a worker say to each other when it is upgraded in place, as annotations of its Node: `wanted` has the release that it is to go to, and is set when the node is drained; `begun` the release that the
 * worker goes to; `failed` why it could not. The worker tries again once `failed` is gone. `upgrades.sh` on workers does the other half.
 */
export const upgradeAnnotations = { wanted: 'clusterwright.io/upgrade-in-place', begun: 'clusterwright.io/upgrade-begun', failed: 'clusterwright.io/upgrade-failed' } as const;
