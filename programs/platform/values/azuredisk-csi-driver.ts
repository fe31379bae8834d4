import { addonServiceAccounts } from '../../service-accounts.js';
import { cloudConfigSecrets } from '../cloud-config.js';
import { requiredIdentityParts } from '../workload-identity.js';
import { highlyAvailable, type ValuesInput } from './context.js';

/** The Azure disk driver: replicas, where its configuration is, and its identity's token; who it is stands in the configuration. */
export function azurediskCsiDriver(input: ValuesInput): Record<string, unknown> {
  const identity = requiredIdentityParts('disk-csi', input);
  return {
    serviceAccount: { controller: addonServiceAccounts.azure['disk-csi'].name },
    controller: {
      replicas: highlyAvailable(input.spec) ? 2 : 1,
      cloudConfigSecretName: cloudConfigSecrets['azuredisk-csi-driver'],
      extraVolumes: identity.volumes,
      extraVolumeMounts: identity.mounts,
    },
  };
}
