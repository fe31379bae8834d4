import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/aws/types/tokens.js';
import { openCloud, type CloudInMemory } from './cloud-in-memory.js';

const bucket = 'demo-abc-backups';
const base64 = (content: string): string => Buffer.from(content).toString('base64');
const tags = { 'clusterwright:cluster': 'demo', 'clusterwright:uid': 'abc' };

let cloud: CloudInMemory;
const contentOf = (key: string): string => Buffer.from(cloud.cloud.objects.get(bucket, key)?.body ?? '', 'base64').toString();
beforeEach(async () => {
  cloud = await openCloud();
  await cloud.create(types.bucket, { bucket, forceDestroy: true, tags });
  await cloud.create(types.bucketVersioning, { bucket, versioningConfiguration: { status: 'Enabled' } });
});
afterEach(() => cloud.close());

describe('aws objects that a program writes', () => {
  it('are in the data plane, follow their declaration, and go with all versions', async () => {
    const { id, outputs } = await cloud.create(types.bucketObject, { bucket, key: 'nodes/a', contentBase64: base64('one'), contentType: 'application/x-tar' });
    expect(id).toBe(`${bucket}/nodes/a`);
    expect(outputs).toMatchObject({ arn: `arn:aws:s3:::${bucket}/nodes/a`, serverSideEncryption: 'AES256' });
    expect([contentOf('nodes/a'), cloud.cloud.objects.get(bucket, 'nodes/a')?.contentType]).toEqual(['one', 'application/x-tar']);

    await cloud.update(types.bucketObject, id, { bucket, key: 'nodes/a', content: 'two' });
    expect(contentOf('nodes/a')).toBe('two');

    cloud.cloud.objects.put(bucket, 'nodes/ab', 'another');
    await cloud.delete(types.bucketObject, id);
    expect(cloud.cloud.objects.versions(bucket).map(({ key }) => key)).toEqual(['nodes/ab']);
  });

  it('are overwritten where they are there already, and go with their bucket', async () => {
    for (const content of ['one', 'two']) await cloud.create(types.bucketObject, { bucket, key: 'nodes/a', contentBase64: base64(content) });
    expect(contentOf('nodes/a')).toBe('two');
    expect(cloud.sandbox.inventory.list('demo').filter(({ type }) => type === types.bucketObject)).toHaveLength(1);

    await cloud.delete(types.bucket, bucket);
    expect(cloud.sandbox.inventory.list('demo')).toEqual([]);
  });

  it.each([
    ['without a bucket', { bucket: 'none', key: 'a', content: 'x' }, /NoSuchBucket/],
    ['with two contents', { bucket, key: 'a', content: 'x', contentBase64: base64('x') }, /conflicts/],
    ['with more than ten tags', { bucket, key: 'a', content: 'x', tags: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`tag${index}`, 'x'])) }, /greater than 10/],
    ['from a file', { bucket, key: 'a', source: 'file' }, /imitates content/],
  ])('are refused %s', async (_what, inputs, words) => {
    await expect(cloud.create(types.bucketObject, inputs)).rejects.toThrow(words);
  });
});
