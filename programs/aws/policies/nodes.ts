import { nodeArchivePrefix, nodeStepPrefix, parameterPrefix } from '../../../model/rendezvous.js';
import { issuerDocuments } from './buckets.js';
import type { PolicySubjects, Statement } from './document.js';

/** Prefix of the etcd snapshots in the private bucket. */
export const snapshotPrefix = 'etcd/';

/**
 * What a control plane may do: write and read the secrets under its cluster's prefix, meet the other nodes, store snapshots, publish the issuer's documents, and
 * fetch the archive of its later files, which no node may write.
 */
export function controlPlaneStatements(subjects: PolicySubjects): Statement[] {
  const { bucketArn, issuerBucketArn, keyArn, region } = subjects;
  return [
    {
      Sid: 'Secrets',
      Effect: 'Allow',
      Action: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:PutParameter'],
      Resource: parameterArn(subjects, '*'),
    },
    {
      Sid: 'Objects',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: [`${bucketArn}/rendezvous/*`, `${bucketArn}/${snapshotPrefix}*`],
    },
    { Sid: 'Archive', Effect: 'Allow', Action: ['s3:GetObject'], Resource: `${bucketArn}/${nodeArchivePrefix}*` },
    {
      Sid: 'ListObjects',
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': ['rendezvous/*', `${snapshotPrefix}*`] } },
    },
    ...(issuerBucketArn === undefined ? [] : [{
      Sid: 'IssuerDocuments',
      Effect: 'Allow' as const,
      Action: ['s3:PutObject'],
      Resource: issuerDocuments.map((document) => `${issuerBucketArn}/${document}`),
    }]),
    {
      Sid: 'Key',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt'],
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': [`ssm.${region}.amazonaws.com`, `s3.${region}.amazonaws.com`] } },
    },
  ];
}

/**
 * What a worker may do: read the set it joins with, and write how far it is. S3 cannot tell one worker from another by the node's name, so each
 * may write any node's step; it can read none. Images come from public registries: no right to ECR.
 */
export function workerStatements(subjects: PolicySubjects): Statement[] {
  const { bucketArn, keyArn, region } = subjects;
  const join = parameterArn(subjects, 'join/*');
  return [
    { Sid: 'JoinSecrets', Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: join },
    { Sid: 'OwnSteps', Effect: 'Allow', Action: ['s3:PutObject'], Resource: `${bucketArn}/${nodeStepPrefix}*` },
    // SSM and S3 bind each use of the key to what it is for: the worker decrypts no secret but those of the join set, and no object at all.
    {
      Sid: 'KeyForJoinSecrets',
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': `ssm.${region}.amazonaws.com` }, StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': join } },
    },
    {
      Sid: 'KeyForOwnSteps',
      Effect: 'Allow',
      Action: ['kms:GenerateDataKey'],
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': bucketArn } },
    },
  ];
}

function parameterArn({ region, accountId, uid }: PolicySubjects, part: string): string {
  return `arn:aws:ssm:${region}:${accountId}:parameter${parameterPrefix(uid)}/${part}`;
}
