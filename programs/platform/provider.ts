import * as kubernetes from '@pulumi/kubernetes/provider.js';
import type { Cluster } from '../cluster.js';
import type { PlatformInput } from '../provider.js';

/** The kubernetes provider of a cluster. All resources name it; it waits for the cluster's record in the state. */
export function clusterProvider({ spec, uid, kubeconfig }: PlatformInput, cluster: Cluster): kubernetes.Provider {
  return new kubernetes.Provider(
    spec.name,
    {
      kubeconfig,
      // Tells clusters apart: another address or credential plugin is an update of the provider, never a replacement of all that it holds.
      clusterIdentifier: uid,
      enableServerSideApply: true,
      // After a lost answer the object is there and the state does not know: it is ours by its name, so it is taken over.
      upsertExistingObjects: true,
      // A cluster that does not answer is an error. Forgetting what it holds is for the deletion to decide.
      deleteUnreachable: false,
    },
    { parent: cluster, dependsOn: [cluster.record] },
  );
}
