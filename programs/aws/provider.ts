import { Provider } from '@pulumi/aws/provider.js';
import type { AwsAccount } from '../../model/accounts.js';
import { tagKeys } from '../../model/names.js';
import type { Cluster } from '../cluster.js';
import type { InfrastructureInput } from '../provider.js';

/**
 * The provider of a cluster's account and region: explicit, so that nothing is taken from whatever environment the operation runs in but the
 * service's own identity. It depends on the cluster's record, and everything else uses it: the record is in the state before the first cloud resource.
 */
export function accountProvider({ spec, uid, installation, account }: InfrastructureInput<AwsAccount>, cluster: Cluster): Provider {
  const { roleArn, externalId, endpoints } = account;
  return new Provider('aws', {
    region: spec.region,
    allowedAccountIds: [account.accountId],
    assumeRoles: roleArn === undefined ? undefined : [{ roleArn, externalId, sessionName: `clusterwright-${spec.name}` }],
    defaultTags: { tags: { [tagKeys.installation]: installation, [tagKeys.uid]: uid, [tagKeys.cluster]: spec.name } },
    endpoints: endpoints === undefined ? undefined : [endpoints],
    // Emulators and private links have no name per bucket.
    s3UsePathStyle: endpoints?.['s3'] === undefined ? undefined : true,
  }, { parent: cluster, dependsOn: cluster.record });
}
