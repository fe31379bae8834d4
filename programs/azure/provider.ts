import { Provider } from '@pulumi/azure-native/provider.js';
import type { AzureAccount } from '../../model/accounts.js';
import type { Cluster } from '../cluster.js';
import type { InfrastructureInput } from '../provider.js';

/**
 * The provider of a cluster's subscription: explicit, so that nothing is taken from whatever environment the operation runs in but the way in which the
 * service proves who it is (`ARM_USE_OIDC` with its token file, `ARM_USE_MSI`, a certificate). It depends on the cluster's record, and everything else
 * uses it: the record is in the state before the first cloud resource.
 */
export function accountProvider({ account }: InfrastructureInput<AzureAccount>, cluster: Cluster): Provider {
  const { subscriptionId, tenantId, clientId } = account;
  return new Provider('azure', { subscriptionId, tenantId, ...(clientId === undefined ? {} : { clientId }), disablePulumiPartnerId: true }, { parent: cluster, dependsOn: cluster.record });
}
