import type { Account } from '../../model/accounts.js';
import type { Provider } from '../../model/spec.js';
import type { Cloud, ClusterPlace } from './cloud.js';

export type { Cloud, ClusterPlace, ClusterScope, ControlPlaneMachine, Declaration, ForeignRule, FoundResource, HeldResource, MachineImages, Offers, Permissions, PoolGroup, PoolMachine, PoolSize, Power, PublishedSecrets, Removal, ResourceFinder, Search } from './cloud.js';

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

/** What gives an account's role or identity all that it needs: policies of IAM, or a role definition of Azure. */
export async function policyFor(provider: Provider): Promise<unknown> {
  switch (provider) {
    case 'aws':
      return (await import('./aws/actions.js')).rolePolicies();
    case 'azure':
      return (await import('./azure/actions.js')).roleDefinition();
  }
}
