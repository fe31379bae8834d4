import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { FlowLog } from '@pulumi/aws/ec2/flowLog.js';
import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import { policyDocument } from './policies/document.js';
import { serviceTrust } from './policies/trust.js';
import { flowLogGroup, type Storage } from './storage.js';

const trafficTypes: Readonly<Record<ClusterSpec['compliance']['flowLogs'], string>> = { rejected: 'REJECT', all: 'ALL' };

/** Records the network's traffic, encrypted with the cluster's key, for as long as the spec asks. */
export function flowLogs(context: Context, { vpc }: Network, { key }: Storage): void {
  const { spec, account, options, tags, physical } = context;
  const name = flowLogGroup(context);
  const group = new LogGroup('flow-logs', { name, retentionInDays: spec.compliance.logRetentionDays, kmsKeyId: key.arn, tags: tags('flow-logs') }, options);
  const role = new Role('flow-logs', {
    name: physical('flow-logs', 64),
    assumeRolePolicy: serviceTrust('vpc-flow-logs.amazonaws.com', { StringEquals: { 'aws:SourceAccount': account.accountId } }),
    tags: tags('flow-logs'),
  }, options);
  // It may not make groups: a last delivery after the group's deletion would bring it back.
  const policy = new RolePolicy('flow-logs', {
    name: physical('flow-logs', 64),
    role: role.name,
    policy: policyDocument([
      {
        Sid: 'Write', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        Resource: context.arn('logs', `log-group:${name}:*`),
      },
      { Sid: 'Find', Effect: 'Allow', Action: ['logs:DescribeLogGroups'], Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': spec.region } } },
    ]),
  }, options);
  new FlowLog('flow-logs', {
    vpcId: vpc.id,
    trafficType: trafficTypes[spec.compliance.flowLogs],
    logDestinationType: 'cloud-watch-logs',
    logDestination: group.arn,
    iamRoleArn: role.arn,
    maxAggregationInterval: 600,
    tags: tags('flow-logs'),
  }, { ...options, dependsOn: policy });
}
