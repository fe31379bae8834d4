import type { EmulatedProvider } from '../protocol/provider.js';
import type { Requests } from '../requests.js';
import { checkArguments, openArguments } from './arguments.js';
import { accountId, lookUp, type Cloud } from './cloud.js';
import { AwsSession } from './session.js';

/** The role that exists without anybody creating it: the service's own. */
export const serviceRoleArn = `arn:aws:iam::${accountId}:role/clusterwright`;

/** The emulated `aws` provider. Its version is that of the SDK this repository uses. */
export function awsProvider(cloud: Cloud, requests: Requests): EmulatedProvider {
  return {
    name: 'aws',
    version: '7.48.0',
    replacingArguments: [],
    checkConfig: checkArguments,
    configure: (args) => {
      const opened = openArguments(args, (roleArn) => roleExists(cloud, roleArn));
      return Promise.resolve(new AwsSession(cloud, requests, opened));
    },
  };
}

/** Whether STS lets the sandbox's caller assume this role. */
export function roleExists(cloud: Cloud, roleArn: string): boolean {
  return roleArn === serviceRoleArn || lookUp(cloud, 'aws:iam/role:Role', roleArn) !== undefined;
}
