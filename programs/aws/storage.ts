import { Alias } from '@pulumi/aws/kms/alias.js';
import { Key } from '@pulumi/aws/kms/key.js';
import { Bucket } from '@pulumi/aws/s3/bucket.js';
import { BucketLifecycleConfiguration } from '@pulumi/aws/s3/bucketLifecycleConfiguration.js';
import { BucketOwnershipControls } from '@pulumi/aws/s3/bucketOwnershipControls.js';
import { BucketPolicy } from '@pulumi/aws/s3/bucketPolicy.js';
import { BucketPublicAccessBlock } from '@pulumi/aws/s3/bucketPublicAccessBlock.js';
import { BucketServerSideEncryptionConfiguration } from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js';
import { BucketVersioning } from '@pulumi/aws/s3/bucketVersioning.js';
import { traceRetentionDays } from '../traces.js';
import type { Context } from './context.js';
import { publicDocuments, tlsOnly } from './policies/buckets.js';
import { policyDocument } from './policies/document.js';
import { keyStatements } from './policies/key.js';
import { snapshotPrefix } from './policies/nodes.js';
import { addonPrefixes } from './policies/addons.js';

/** The cluster's key and buckets. Names are deterministic, so policies and user data can speak of them before they exist. */
export interface Storage {
  readonly key: Key;
  readonly backups: BucketParts;
  /** The public bucket with the issuer's documents; undefined without workload identity. */
  readonly issuer: BucketParts | undefined;
  /** The buckets there are. Machines that write to them go before them: an emptied bucket must not fill again. */
  readonly buckets: readonly Bucket[];
}

/** A bucket and its names. */
export interface BucketParts {
  readonly bucket: Bucket;
  readonly name: string;
  readonly arn: string;
}

/** Name of the flow logs' group: the key's policy speaks of it before it exists. */
export const flowLogGroup = (context: Context): string => context.physical('flow-logs');

/** The key that encrypts disks, secrets, logs and backups, the private bucket, and the public one of the service-account issuer. */
export function storage(context: Context): Storage {
  const key = encryptionKey(context);
  const backups = backupBucket(context, key);
  const issuer = context.spec.network.workloadIdentity ? issuerBucket(context) : undefined;
  return { key, backups, issuer, buckets: [backups.bucket, ...(issuer ? [issuer.bucket] : [])] };
}

function encryptionKey(context: Context): Key {
  const { spec, account, tags, kept, options, physical } = context;
  const logGroupArn = context.arn('logs', `log-group:${flowLogGroup(context)}`);
  const key = new Key('key', {
    description: `Cluster ${spec.name}`,
    enableKeyRotation: true,
    deletionWindowInDays: 30,
    policy: policyDocument(keyStatements({ region: spec.region, accountId: account.accountId, logGroupArn })),
    tags: tags('key'),
  }, kept);
  new Alias('key', { name: `alias/${physical('key')}`, targetKeyId: key.id }, options);
  return key;
}

/** Versioned, encrypted with the cluster's key, private, TLS only: backups, snapshots, logs, and what nodes tell about themselves. */
function backupBucket(context: Context, key: Key): BucketParts {
  const { spec, kept } = context;
  const parts = emptyBucket(context, 'backups', kept);
  const { bucket, arn } = parts;
  new BucketVersioning('backups', { bucket: bucket.id, versioningConfiguration: { status: 'Enabled' } }, kept);
  new BucketServerSideEncryptionConfiguration('backups', {
    bucket: bucket.id,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn }, bucketKeyEnabled: true }],
  }, kept);
  const block = new BucketPublicAccessBlock('backups', {
    bucket: bucket.id, blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true,
  }, kept);
  const policy = new BucketPolicy('backups', { bucket: bucket.id, policy: policyDocument([tlsOnly(arn)]) }, { ...kept, dependsOn: block });
  const days = spec.compliance.backupRetentionDays;
  new BucketLifecycleConfiguration('backups', {
    bucket: bucket.id,
    rules: [
      // Velero drops its own backups when they are due; what it leaves behind as old versions goes after the same time.
      { id: 'old-versions', status: 'Enabled', filter: { prefix: '' }, noncurrentVersionExpiration: { noncurrentDays: days }, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
      { id: 'snapshots', status: 'Enabled', filter: { prefix: snapshotPrefix }, expiration: { days } },
      { id: 'logs', status: 'Enabled', filter: { prefix: addonPrefixes.loki }, expiration: { days: spec.compliance.logRetentionDays } },
      { id: 'traces', status: 'Enabled', filter: { prefix: addonPrefixes.tempo }, expiration: { days: traceRetentionDays } },
    ],
    // One after the other: S3 may refuse a change of a bucket while another is under way.
  }, { ...kept, dependsOn: policy });
  return parts;
}

/** Public for its two documents only, which hold nothing but public keys. */
function issuerBucket(context: Context): BucketParts {
  const { options } = context;
  const parts = emptyBucket(context, 'issuer', options);
  const { bucket, arn } = parts;
  const block = new BucketPublicAccessBlock('issuer', {
    bucket: bucket.id, blockPublicAcls: true, ignorePublicAcls: true, blockPublicPolicy: false, restrictPublicBuckets: false,
  }, options);
  // A policy that makes something public is refused while the account's default block still stands.
  new BucketPolicy('issuer', { bucket: bucket.id, policy: policyDocument([tlsOnly(arn), publicDocuments(arn)]) }, { ...options, dependsOn: block });
  return parts;
}

/** A bucket without access control lists. A deletion that is meant empties it: what is to be kept is not deleted in the first place. */
function emptyBucket({ physical, tags }: Context, part: string, options: Context['options'] | Context['kept']): BucketParts {
  const name = physical(part);
  const bucket = new Bucket(part, { bucket: name, forceDestroy: true, tags: tags(part) }, options);
  new BucketOwnershipControls(part, { bucket: bucket.id, rule: { objectOwnership: 'BucketOwnerEnforced' } }, options);
  return { bucket, name, arn: `arn:aws:s3:::${name}` };
}
