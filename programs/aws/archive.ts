import { BucketObjectv2 } from '@pulumi/aws/s3/bucketObjectv2.js';
import { nodeArchive, type NodeArchive } from '../nodes/archive.js';
import type { NodeTemplates } from '../nodes/templates.js';
import type { Context } from './context.js';
import type { Storage } from './storage.js';

/** What the control planes' machines fetch when they boot, and what they are told of it. */
export interface Archive {
  readonly facts: NodeArchive['facts'];
  readonly object: BucketObjectv2;
}

/**
 * What a control plane needs when its host is prepared, as an object of the private bucket: user data on AWS has no room for it. It is named after its content, and
 * that of an earlier release stays for as long as the bucket does: a machine asks for the one that it was made with, however late. Nobody but the program writes it.
 */
export function archive({ options, tags }: Context, { backups, key }: Storage, templates: NodeTemplates): Archive {
  const part = 'control-plane-archive';
  const { facts, content } = nodeArchive(templates);
  const object = new BucketObjectv2(part, {
    bucket: backups.bucket.id,
    key: facts.key,
    contentBase64: content.toString('base64'),
    contentType: 'application/x-tar',
    // The bucket would do so by itself, but maybe not yet.
    kmsKeyId: key.arn,
    tags: tags(part),
  }, { ...options, retainOnDelete: true });
  return { facts, object };
}
