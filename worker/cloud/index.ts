import type { Account } from '../../model/accounts.js';
import type { Cloud, ClusterPlace } from './cloud.js';

export type { Cloud, ClusterPlace, ClusterScope, Declaration, FoundResource, HeldResource, PoolGroup, PoolMachine, PublishedSecrets, Removal, ResourceFinder, Search } from './cloud.js';

/** The cloud as one cluster has it. Its SDK is loaded with the first call. */
export async function openCloud(cluster: ClusterPlace, account: Account): Promise<Cloud> {
  switch (account.provider) {
    case 'aws': {
      const { AwsCloud } = await import('./aws/index.js');
      return new AwsCloud(cluster, account);
    }
    case 'azure': {
      const { AzureCloud } = await import('./azure/index.js');
      return new AzureCloud(cluster, account);
    }
  }
}
