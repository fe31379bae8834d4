import { randomUUID } from 'node:crypto';
import { PartialCreation } from '../protocol/errors.js';
import type { ResourceCall } from '../protocol/provider.js';
import { AwsError } from './errors.js';

const verbs = { create: ['creating', 'Create'], read: ['reading', 'Describe'], update: ['updating', 'Modify'], delete: ['deleting', 'Delete'] } as const;
const services: Readonly<Record<string, string>> = {
  autoscaling: 'Auto Scaling',
  cloudwatch: 'CloudWatch Logs',
  ebs: 'EC2',
  ec2: 'EC2',
  iam: 'IAM',
  kms: 'KMS',
  lb: 'Elastic Load Balancing v2',
  route53: 'Route 53',
  s3: 'S3',
  vpc: 'EC2',
};

/**
 * Words a refusal as the real provider does (the format of the AWS SDK for Go, version 2), so that whoever reads codes out of
 * messages finds them in the same place. Other errors pass unchanged.
 */
export function asProviderError(error: unknown, operation: keyof typeof verbs, call: ResourceCall & { id?: string }): unknown {
  if (error instanceof PartialCreation || !(error instanceof AwsError)) return error;
  const [, module = '', kind = ''] = call.type.split(':');
  const service = services[module.split('/')[0] ?? ''] ?? module;
  const [verb, action] = verbs[operation];
  return new Error(
    `${verb} ${service} ${kind} (${call.id ?? call.name}): operation error ${service}: ${action}${kind}, ` +
      `https response error StatusCode: ${error.status}, RequestID: ${randomUUID()}, api error ${error.code}: ${error.message}`,
  );
}
