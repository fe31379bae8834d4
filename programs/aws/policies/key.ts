import type { Statement } from './document.js';

/** Who the key's policy speaks of. */
export interface KeySubjects {
  readonly region: string;
  readonly accountId: string;
  /** ARN of the flow logs' group. */
  readonly logGroupArn: string;
}

const administration = [
  'kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy', 'kms:GetKeyRotationStatus', 'kms:EnableKeyRotation', 'kms:DisableKeyRotation', 'kms:ListKeyPolicies',
  'kms:ListResourceTags', 'kms:TagResource', 'kms:UntagResource', 'kms:ListGrants', 'kms:RevokeGrant', 'kms:RetireGrant', 'kms:UpdateKeyDescription',
  'kms:EnableKey', 'kms:DisableKey', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion', 'kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias',
] as const;
const use = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:DescribeKey'] as const;

/** The key's policy. In a key policy the resource `*` means this key. */
export function keyStatements({ region, accountId, logGroupArn }: KeySubjects): Statement[] {
  return [
    // Without the account's root in it, no IAM policy could give anybody a right to the key.
    { Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: [...new Set([...administration, ...use, 'kms:CreateGrant'])], Resource: '*' },
    ...autoScaling(accountId),
    {
      Sid: 'FlowLogs',
      Effect: 'Allow',
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: use,
      Resource: '*',
      Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroupArn } },
    },
  ];
}

/**
 * Auto scaling opens the machines' disks in its own name: https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html.
 * The role is named by condition and not as principal, because KMS refuses principals that do not exist, and AWS makes this one with the account's first group.
 */
function autoScaling(accountId: string): Statement[] {
  const role = { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling` };
  return [
    { Sid: 'AutoScalingUse', Effect: 'Allow', Principal: { AWS: '*' }, Action: use, Resource: '*', Condition: { ArnEquals: role } },
    {
      Sid: 'AutoScalingGrants', Effect: 'Allow', Principal: { AWS: '*' }, Action: ['kms:CreateGrant'], Resource: '*',
      Condition: { ArnEquals: role, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}
