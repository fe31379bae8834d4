import { physicalName, tagKeys } from '../../../model/names.js';
import type { KubernetesVersion } from '../../../model/spec.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** It decides as the scheduler of the cluster's minor does: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler#releases */
const imageTags: Readonly<Record<KubernetesVersion, string>> = { '1.34': 'v1.34.5', '1.35': 'v1.35.2', '1.36': 'v1.36.1' };

/** The cluster autoscaler: which pools are its own, its image, its identity, replicas of which one leads, and its monitor. It reads the pools' bounds in the cloud, so they are no values. */
export function clusterAutoscaler(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  const identity = requiredIdentityParts('cluster-autoscaler', input);
  return {
    ...ownPools(input),
    image: { tag: imageTags[spec.kubernetesVersion] },
    replicaCount: highlyAvailable(spec) ? 2 : 1,
    rbac: { serviceAccount: { name: addonServiceAccounts[spec.provider]['cluster-autoscaler'].name } },
    extraEnv: Object.fromEntries(identity.env.map(({ name, value }) => [name, value])),
    extraVolumes: identity.volumes,
    extraVolumeMounts: identity.mounts,
    serviceMonitor: { enabled: monitored(spec) },
  };
}

/** How it finds the cluster's pools, by what the infrastructure program writes on them, and no other cluster's of the same name. */
function ownPools({ spec, uid, account }: ValuesInput): Record<string, unknown> {
  switch (account.provider) {
    case 'aws':
      return { cloudProvider: 'aws', autoDiscovery: { clusterName: spec.name, tags: ['k8s.io/cluster-autoscaler/enabled', `${tagKeys.uid}=${uid}`] } };
    case 'azure':
      return {
        cloudProvider: 'azure',
        // It looks in the cluster's own resource group alone. The chart adds the tags.
        autoDiscovery: { clusterName: spec.name },
        azureSubscriptionID: account.subscriptionId,
        azureResourceGroup: physicalName({ name: spec.name, uid }, 'group'),
        azureUseWorkloadIdentityExtension: true,
        // The service changes the number too: what it wrote meanwhile is seen, and not overwritten.
        azureEnableVMSSEtag: true,
      };
  }
}
