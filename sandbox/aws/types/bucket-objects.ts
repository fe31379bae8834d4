import { createHash } from 'node:crypto';
import { atMostOne, length, rule } from '../../provider/checks.js';
import { isMap, text } from '../../provider/properties.js';
import type { PropertyMap } from '../../protocol/values.js';
import type { Cloud } from '../cloud.js';
import type { ResourceType } from '../resource-type.js';
import { parentBy, refers } from './references.js';
import * as tokens from './tokens.js';

/** What an object holds. */
function contentOf(inputs: PropertyMap): Buffer {
  const encoded = text(inputs, 'contentBase64');
  return encoded === undefined ? Buffer.from(text(inputs, 'content') ?? '') : Buffer.from(encoded, 'base64');
}

function etagOf(inputs: PropertyMap): string {
  return createHash('md5').update(contentOf(inputs)).digest('hex');
}

function idOf(inputs: PropertyMap): string {
  return `${text(inputs, 'bucket') ?? ''}/${text(inputs, 'key') ?? ''}`;
}

function put(inputs: PropertyMap, cloud: Cloud): void {
  cloud.objects.put(text(inputs, 'bucket') ?? '', text(inputs, 'key') ?? '', contentOf(inputs), { contentType: text(inputs, 'contentType') });
}

/** An object that a program writes; the data plane has it. A file on the caller's disk (`source`) is not imitated. */
export const bucketObject: ResourceType = {
  token: tokens.bucketObject,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['bucket', 'key', 'region'],
  defaults: { forceDestroy: false },
  checks: [
    atMostOne('content', 'contentBase64'),
    length('key', 1, 1024),
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    rule(['tags'], ({ tags }) => (isMap(tags) && Object.keys(tags).length > 10 ? 'Object tags cannot be greater than 10' : undefined)),
    rule(['source'], ({ source }) => (source === undefined ? undefined : 'the sandbox imitates content and contentBase64 only')),
  ],
  references: [refers('bucket', tokens.bucket), refers('kmsKeyId', tokens.key)],
  id: ({ inputs }) => idOf(inputs),
  volatile: ['etag'],
  // Writing what is there overwrites it.
  again: ({ inputs, cloud }) => cloud.inventory.get(tokens.bucketObject, idOf(inputs)),
  computed: ({ inputs }, id) => ({
    arn: `arn:aws:s3:::${id}`,
    etag: etagOf(inputs),
    contentType: text(inputs, 'contentType') ?? 'application/octet-stream',
    serverSideEncryption: text(inputs, 'serverSideEncryption') ?? (text(inputs, 'kmsKeyId') === undefined ? 'AES256' : 'aws:kms'),
    storageClass: text(inputs, 'storageClass') ?? 'STANDARD',
  }),
  recomputed({ inputs, cloud }) {
    put(inputs, cloud);
    return { etag: etagOf(inputs) };
  },
  parent: parentBy('bucket', tokens.bucket),
  afterCreate: ({ inputs }, cloud) => put(inputs, cloud),
  // The provider deletes every version. When the bucket has gone, so has all in it.
  afterDelete({ inputs }, cloud) {
    const [bucket, key] = [text(inputs, 'bucket') ?? '', text(inputs, 'key') ?? ''];
    if (cloud.inventory.get(tokens.bucket, bucket) === undefined) return;
    for (const version of cloud.objects.versions(bucket, key)) if (version.key === key) cloud.objects.delete(bucket, key, version.versionId);
  },
};
