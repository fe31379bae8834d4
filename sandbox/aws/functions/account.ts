import { accountId } from '../cloud.js';
import type { AwsFunction } from './aws-function.js';

/** Who the provider is, after assuming its role. */
export const getCallerIdentity: AwsFunction = () => ({
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/clusterwright/sandbox`,
  id: accountId,
  userId: 'AROASANDBOX0000000000:sandbox',
});

export const getPartition: AwsFunction = () => ({ id: 'aws', partition: 'aws', dnsSuffix: 'amazonaws.com', reverseDnsPrefix: 'com.amazonaws' });

export const getRegion: AwsFunction = (_args, { region }) => ({ id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` });
