import type { AwsAccount } from '../../model/accounts.js';
import type { Provider } from '../../model/spec.js';
import type { Cloud } from './cloud.js';

export type { Cloud, ClusterScope, Declaration, FoundResource, PublishedSecrets, Removal, ResourceFinder, Search } from './cloud.js';

/** The cloud of an account and region. Its SDK is loaded with the first call. */
export function openCloud(provider: Provider, region: string, account: AwsAccount): Promise<Cloud> {
  return clouds[provider](region, account);
}

const clouds: Readonly<Record<Provider, (region: string, account: AwsAccount) => Promise<Cloud>>> = {
  aws: async (region, account) => {
    const { AwsCloud } = await import('./aws/index.js');
    return new AwsCloud(region, account);
  },
};
