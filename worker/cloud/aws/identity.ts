import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ClusterwrightError } from '../../../model/errors.js';
import { calling, type AwsConnection } from './connection.js';

/** Checks that the credentials work and belong to the account. Throws `cloud-credentials`. */
export async function checkIdentity(connection: AwsConnection, accountId: string): Promise<void> {
  const { Account } = await calling(connection.client('sts', STSClient), `asking who we are in account ${accountId}`, (client) => client.send(new GetCallerIdentityCommand({})));
  if (Account !== accountId) {
    throw new ClusterwrightError('cloud-credentials', `The credentials belong to the AWS account ${Account ?? '(unknown)'}, not to ${accountId}.`, { resource: accountId });
  }
}
