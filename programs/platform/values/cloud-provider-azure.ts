import { cloudConfigSecrets } from '../cloud-config.js';
import type { ValuesInput } from './context.js';

/** The Azure cloud controller: its cluster, one replica per control plane, where its configuration is, and a token for its identity where it has one. */
export function cloudProviderAzure({ spec, infrastructure }: ValuesInput): Record<string, unknown> {
  const identity = infrastructure.addonIdentities['cloud-controller-manager'];
  return {
    infra: { clusterName: spec.name },
    cloudControllerManager: {
      replicas: spec.controlPlane.replicas,
      clusterCIDR: spec.network.podCidr,
      cloudConfigSecretName: cloudConfigSecrets['cloud-provider-azure'],
      // Without workload identity it has the control plane's own: it runs on the host network, where instance metadata answers.
      ...(identity === undefined ? { federatedTokenPath: '' } : {}),
    },
  };
}
