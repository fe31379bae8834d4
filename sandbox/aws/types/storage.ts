import type { Item } from '../../inventory/item.js';
import type { Cloud } from '../cloud.js';
import { arn } from '../cloud.js';
import { json, length, oneOf, pattern, rule, type Check } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { flag, objects, text } from '../../provider/properties.js';
import type { Reference, ResourceType } from '../resource-type.js';
import { parentBy, refers } from './references.js';
import * as tokens from './tokens.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketNameFault(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit';
  if (name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'a bucket name has no two dots in a row and is not an IP address';
  if (/^(xn--|sthree-|amzn-s3-demo-)/.test(name) || /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)) return 'the bucket name has a reserved beginning or ending';
  return undefined;
}

export const bucket: ResourceType = {
  token: tokens.bucket,
  latency: { create: 3, update: 2, delete: 2 },
  replaces: ['bucket', 'bucketNamespace', 'bucketPrefix', 'objectLockEnabled', 'region'],
  autoname: { property: 'bucket', longest: 63 },
  defaults: { forceDestroy: false, objectLockEnabled: false, requestPayer: 'BucketOwner' },
  checks: [rule(['bucket'], (inputs) => bucketNameFault(text(inputs, 'bucket'))), json('policy', 20_480)],
  // Names are unique over all accounts of a partition. A new owner of a name has to wait after a deletion; the same account need not.
  admit({ inputs, cloud, existing }) {
    const name = text(inputs, 'bucket') ?? '';
    if (existing === undefined && cloud.inventory.get(tokens.bucket, name) !== undefined) {
      throw new AwsError('BucketAlreadyOwnedByYou', `Your previous request to create the named bucket succeeded and you already own it: ${name}`, 409);
    }
  },
  id: ({ inputs }) => text(inputs, 'bucket') ?? '',
  computed: ({ region }, id) => ({
    arn: `arn:aws:s3:::${id}`,
    bucketDomainName: `${id}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
    bucketRegion: region,
    hostedZoneId: 'Z1BKCTXD74EZPE',
  }),
  blocker(item, cloud) {
    if (flag(item.outputs, 'forceDestroy') || cloud.objects.versions(item.id).length === 0) return undefined;
    return new AwsError('BucketNotEmpty', `The bucket you tried to delete is not empty. You must delete all versions in the bucket: ${item.id}`, 409);
  },
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};

/** One configuration of a bucket: its id is the bucket's name, and there is one of a kind per bucket. */
function bucketPart(token: string, options: { checks?: readonly Check[]; references?: readonly Reference[]; defaults?: ResourceType['defaults']; admit?: ResourceType['admit'] } = {}): ResourceType {
  return {
    token,
    latency: { create: 2, update: 1, delete: 1 },
    replaces: ['bucket', 'region'],
    references: [refers('bucket', tokens.bucket), ...(options.references ?? [])],
    checks: options.checks,
    defaults: options.defaults,
    admit: options.admit,
    id: ({ inputs }) => text(inputs, 'bucket') ?? '',
    again: ({ inputs, cloud }) => cloud.inventory.get(token, text(inputs, 'bucket') ?? ''),
    parent: parentBy('bucket', tokens.bucket),
  };
}

export const bucketVersioning = bucketPart(tokens.bucketVersioning, {
  checks: [oneOf('versioningConfiguration.status', ['Enabled', 'Suspended', 'Disabled']), oneOf('versioningConfiguration.mfaDelete', ['Enabled', 'Disabled'])],
});

export const bucketEncryption = bucketPart(tokens.bucketEncryption, {
  checks: [length('rules', 1, 1), oneOf('rules[].applyServerSideEncryptionByDefault.sseAlgorithm', ['AES256', 'aws:kms', 'aws:kms:dsse'])],
  references: [refers('rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId', tokens.key)],
});

export const bucketPublicAccessBlock = bucketPart(tokens.bucketPublicAccessBlock, {
  defaults: { blockPublicAcls: false, blockPublicPolicy: false, ignorePublicAcls: false, restrictPublicBuckets: false },
});

export const bucketPolicy = bucketPart(tokens.bucketPolicy, {
  checks: [json('policy', 20_480)],
  admit({ inputs, cloud }) {
    const name = text(inputs, 'bucket') ?? '';
    const block = cloud.inventory.get(tokens.bucketPublicAccessBlock, name);
    // New buckets block public policies until a configuration says otherwise (S3's default since April 2023).
    const blocked = block === undefined || flag(block.outputs, 'blockPublicPolicy');
    if (blocked && isPublic(text(inputs, 'policy') ?? '{}')) {
      throw new AwsError('AccessDenied', `User is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${name}" because public policies are blocked by the BlockPublicPolicy block public access setting.`, 403);
    }
  },
});

/** Whether a statement allows everybody something without any condition. */
function isPublic(policy: string): boolean {
  const document = JSON.parse(policy) as { Statement?: unknown };
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return statements.some((statement: unknown) => {
    const { Effect, Principal, Condition } = (statement ?? {}) as { Effect?: unknown; Principal?: unknown; Condition?: unknown };
    const everybody = Principal === '*' || (typeof Principal === 'object' && Principal !== null && 'AWS' in Principal && (Principal.AWS === '*' || (Array.isArray(Principal.AWS) && Principal.AWS.includes('*'))));
    return Effect === 'Allow' && everybody && Condition === undefined;
  });
}

export const bucketLifecycle = bucketPart(tokens.bucketLifecycle, {
  checks: [
    length('rules', 1, 1000),
    length('rules[].id', 1, 255),
    oneOf('rules[].status', ['Enabled', 'Disabled']),
    rule(['rules'], (inputs) => {
      const ids = objects(inputs, 'rules').map((one) => text(one, 'id'));
      const twice = ids.find((id, index) => id !== undefined && ids.indexOf(id) !== index);
      return twice === undefined ? undefined : `rule id ${twice} occurs twice`;
    }),
  ],
});

export const bucketOwnership = bucketPart(tokens.bucketOwnership, {
  checks: [oneOf('rule.objectOwnership', ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'])],
});

const retentions = [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const logGroup: ResourceType = {
  token: tokens.logGroup,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'logGroupClass', 'region'],
  autoname: { property: 'name', longest: 512 },
  defaults: { retentionInDays: 0, skipDestroy: false, logGroupClass: 'STANDARD' },
  checks: [length('name', 1, 512), pattern('name', /^[\w./#-]+$/, 'contain only letters, digits and ._-/#'), oneOf('retentionInDays', retentions), oneOf('logGroupClass', ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'])],
  references: [refers('kmsKeyId', tokens.key)],
  admit({ inputs, cloud, region, existing }) {
    const name = text(inputs, 'name') ?? '';
    const twin = cloud.inventory.get(tokens.logGroup, name);
    if (twin !== undefined && twin.id !== existing?.id && twin.region === region) throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    const keyItem = findKey(cloud, text(inputs, 'kmsKeyId'));
    if (keyItem !== undefined && !(text(keyItem.outputs, 'policy') ?? '').includes('logs.')) {
      throw new AwsError('AccessDeniedException', `The specified KMS key does not exist or is not allowed to be used with Arn '${arn('logs', region, `log-group:${name}`)}'`);
    }
  },
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ region }, id) => ({ arn: arn('logs', region, `log-group:${id}`) }),
};

function findKey(cloud: Cloud, value: string | undefined): Item | undefined {
  return value === undefined ? undefined : cloud.inventory.ofType(tokens.key).find((item) => item.id === value || text(item.outputs, 'arn') === value);
}
