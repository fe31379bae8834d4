import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetServiceQuotaCommand, ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { DeleteParameterCommand, DescribeParametersCommand, GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicDocuments, tlsOnly } from '../../../programs/aws/policies/buckets.js';
import type { AwsPart } from '../../../sandbox/aws/index.js';
import { bucket, bucketPolicy, bucketPublicAccessBlock, bucketVersioning, vpc } from '../../../sandbox/aws/types/tokens.js';
import { startAwsAlone, type AwsAlone } from './aws-alone.js';

let alone: AwsAlone;
let aws: AwsPart;
let create: AwsAlone['create'];
let common: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string }; maxAttempts: number };

beforeAll(async () => {
  alone = await startAwsAlone();
  ({ aws, create } = alone);
  common = { endpoint: aws.endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' }, maxAttempts: 1 };
});
afterAll(() => alone.stop());

describe('ssm', () => {
  const ssm = () => new SSMClient(common);

  it('stores, versions, lists by path and deletes parameters', async () => {
    const put = (name: string, value: string, Overwrite?: boolean) => ssm().send(new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite }));
    expect(await put('/clusterwright/abc/join/token', 'one')).toMatchObject({ Version: 1 });
    await expect(put('/clusterwright/abc/join/token', 'two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put('/clusterwright/abc/join/token', 'two', true)).toMatchObject({ Version: 2 });
    await put('/clusterwright/abc/control-plane/ca', 'three');
    const read = await ssm().send(new GetParameterCommand({ Name: '/clusterwright/abc/join/token', WithDecryption: true }));
    expect(read.Parameter).toMatchObject({ Value: 'two', Type: 'SecureString', Version: 2, LastModifiedDate: expect.any(Date) as Date });
    const sealed = await ssm().send(new GetParameterCommand({ Name: '/clusterwright/abc/join/token' }));
    expect(sealed.Parameter?.Value).not.toContain('two');
    const listed = await ssm().send(new GetParametersByPathCommand({ Path: '/clusterwright/abc', Recursive: true }));
    expect(listed.Parameters?.map(({ Name }) => Name)).toEqual(['/clusterwright/abc/control-plane/ca', '/clusterwright/abc/join/token']);
    expect((await ssm().send(new GetParametersByPathCommand({ Path: '/clusterwright/abc' }))).Parameters).toEqual([]);
    await ssm().send(new DeleteParameterCommand({ Name: '/clusterwright/abc/join/token' }));
    await expect(ssm().send(new GetParameterCommand({ Name: '/clusterwright/abc/join/token' }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('shares its parameters with the simulated nodes', async () => {
    aws.parameters.put('eu-west-1', '/clusterwright/abc/join/endpoint', 'api.demo.internal:6443', 'String');
    expect((await ssm().send(new GetParameterCommand({ Name: '/clusterwright/abc/join/endpoint' }))).Parameter?.Value).toBe('api.demo.internal:6443');
  });

  it('tells Canonical\'s images, by region', async () => {
    const image = async (region: string) => (await new SSMClient({ ...common, region }).send(new GetParameterCommand({ Name: '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id' }))).Parameter?.Value;
    expect(await image('eu-west-1')).toMatch(/^ami-[0-9a-f]{17}$/);
    expect(await image('eu-central-1')).not.toBe(await image('eu-west-1'));
  });

  it('refuses what it does not imitate', () => expect(ssm().send(new DescribeParametersCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException' }));
});

describe('s3', () => {
  const s3 = () => new S3Client({ ...common, forcePathStyle: true });

  it('writes, reads, lists and deletes objects, with conditions', async () => {
    const Bucket = await create(bucket, { bucket: 'demo-abc-backups' });
    const put = (Key: string, Body: string, more = {}) => s3().send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', ...more }));
    const { ETag } = await put('rendezvous/nodes/a b.json', '{"step":"booted"}', { IfNoneMatch: '*', Metadata: { role: 'worker' } });
    await expect(put('rendezvous/nodes/a b.json', '{}', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    await expect(put('rendezvous/nodes/a b.json', '{}', { IfMatch: '"other"' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    await put('rendezvous/nodes/a b.json', '{"step":"joined"}', { IfMatch: ETag });
    const read = await s3().send(new GetObjectCommand({ Bucket, Key: 'rendezvous/nodes/a b.json' }));
    expect(await read.Body?.transformToString()).toBe('{"step":"joined"}');
    expect(read.ContentType).toBe('application/json');
    await put('rendezvous/nodes/b.json', '{}');
    await put('other', '{}');
    const listed = await s3().send(new ListObjectsV2Command({ Bucket, Prefix: 'rendezvous/', MaxKeys: 1 }));
    expect(listed).toMatchObject({ IsTruncated: true, Contents: [{ Key: 'rendezvous/nodes/a b.json', Size: 17 }] });
    const next = await s3().send(new ListObjectsV2Command({ Bucket, Prefix: 'rendezvous/', ContinuationToken: listed.NextContinuationToken }));
    expect(next.Contents?.map(({ Key }) => Key)).toEqual(['rendezvous/nodes/b.json']);
    expect((await s3().send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }))).CommonPrefixes).toEqual([{ Prefix: 'rendezvous/' }]);
    await s3().send(new DeleteObjectCommand({ Bucket, Key: 'other' }));
    await expect(s3().send(new GetObjectCommand({ Bucket, Key: 'other' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3().send(new HeadObjectCommand({ Bucket, Key: 'other' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3().send(new GetObjectCommand({ Bucket: 'nobodys', Key: 'x' }))).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('takes streams', async () => {
    const Bucket = await create(bucket, { bucket: 'demo-abc-streams' });
    const body = 'x'.repeat(100_000);
    await s3().send(new PutObjectCommand({ Bucket, Key: 'one', Body: Readable.from([body.slice(0, 70_000), body.slice(70_000)].map((part) => Buffer.from(part))), ContentLength: body.length }));
    expect(await (await s3().send(new GetObjectCommand({ Bucket, Key: 'one' }))).Body?.transformToString()).toBe(body);
  });

  it('answers everybody what the bucket\'s policy says, and nothing else', async () => {
    const Bucket = await create(bucket, { bucket: 'demo-abc-issuer' });
    const arn = `arn:aws:s3:::${Bucket}`;
    for (const Key of ['openid/v1/jwks', 'other']) await s3().send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const ask = (key: string, method = 'GET') => fetch(`${aws.endpoint}/${Bucket}/${key}`, { method });
    expect((await ask('openid/v1/jwks')).status).toBe(403);
    await create(bucketPublicAccessBlock, { bucket: Bucket, blockPublicPolicy: false, restrictPublicBuckets: false });
    await create(bucketPolicy, { bucket: Bucket, policy: JSON.stringify({ Version: '2012-10-17', Statement: [tlsOnly(arn), publicDocuments(arn)] }) });

    expect(await (await ask('openid/v1/jwks')).text()).toBe('openid/v1/jwks');
    expect([(await ask('other')).status, (await ask('openid/v1/jwks', 'DELETE')).status, (await ask('?list-type=2')).status]).toEqual([403, 403, 403]);
  });

  it('keeps versions where they are enabled', async () => {
    const Bucket = await create(bucket, { bucket: 'demo-abc-versions' });
    await create(bucketVersioning, { bucket: Bucket, versioningConfiguration: { status: 'Enabled' } });
    for (const Body of ['one', 'two']) await s3().send(new PutObjectCommand({ Bucket, Key: 'it', Body }));
    await s3().send(new DeleteObjectCommand({ Bucket, Key: 'it' }));
    const { Versions = [], DeleteMarkers = [] } = await s3().send(new ListObjectVersionsCommand({ Bucket }));
    expect([Versions.length, DeleteMarkers.length, DeleteMarkers[0]?.IsLatest]).toEqual([2, 1, true]);
    const oldest = await s3().send(new GetObjectCommand({ Bucket, Key: 'it', VersionId: Versions.at(-1)?.VersionId }));
    expect(await oldest.Body?.transformToString()).toBe('one');
    for (const { VersionId } of [...Versions, ...DeleteMarkers]) await s3().send(new DeleteObjectCommand({ Bucket, Key: 'it', VersionId }));
    expect((await s3().send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
  });
});

describe('sts', () => {
  it('tells the account and assumes the service\'s role only', async () => {
    const sts = new STSClient(common);
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' });
    const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/clusterwright', RoleSessionName: 'test', ExternalId: 'x' }));
    expect(assumed.Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now());
    await expect(sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/nobody', RoleSessionName: 'test' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('tagging and quotas', () => {
  it('finds resources by tags, a page at a time, in their region only', async () => {
    for (const index of [1, 2, 3]) await create(vpc, { cidrBlock: `10.${index}.0.0/16`, tags: { 'clusterwright:cluster': 'tagged', part: String(index) } });
    const find = (more = {}, region = 'eu-west-1') => new ResourceGroupsTaggingAPIClient({ ...common, region }).send(new GetResourcesCommand({ TagFilters: [{ Key: 'clusterwright:cluster', Values: ['tagged'] }], ...more }));
    const first = await find({ ResourcesPerPage: 2 });
    expect(first.ResourceTagMappingList).toHaveLength(2);
    expect((await find({ PaginationToken: first.PaginationToken })).ResourceTagMappingList?.[0]?.ResourceARN).toMatch(/^arn:aws:ec2:eu-west-1:123456789012:vpc\/vpc-/);
    expect((await find({ ResourceTypeFilters: ['ec2:subnet'] })).ResourceTagMappingList).toEqual([]);
    expect((await find({}, 'eu-central-1')).ResourceTagMappingList).toEqual([]);
  });

  it('tells quotas by code and by service', async () => {
    const quotas = new ServiceQuotasClient(common);
    expect((await quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' }))).Quota).toMatchObject({ QuotaName: 'VPCs per Region', Value: 100 });
    expect((await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'ec2' }))).Quotas?.length).toBeGreaterThan(1);
    await expect(quotas.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: 'L-0' }))).rejects.toMatchObject({ name: 'NoSuchResourceException' });
  });
});

describe('every data plane', () => {
  it('wants a signature and meets faults', async () => {
    expect((await fetch(`${aws.endpoint}/some-bucket/key`)).status).toBe(403);
    alone.sandbox.faults.add({ kind: 'throttle', type: 'ssm:GetParameter', times: 1 });
    await expect(new SSMClient(common).send(new GetParameterCommand({ Name: '/x' }))).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it('describes instances over the query protocol', async () => {
    const subnetId = await create('aws:ec2/subnet:Subnet', { vpcId: await create(vpc, { cidrBlock: '10.9.0.0/16' }), cidrBlock: '10.9.0.0/24' });
    const id = await create('aws:ec2/instance:Instance', { ami: 'ami-0123456789abcdef0', instanceType: 'm7i.large', subnetId, tags: { Name: 'demo-cp-1' } });
    const ask = (form: Record<string, string>) => fetch(aws.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'AWS4-HMAC-SHA256 Credential=sandbox/20261121/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0' },
      body: new URLSearchParams({ Version: '2016-11-15', ...form }),
    });
    const answer = await (await ask({ Action: 'DescribeInstances', 'Filter.1.Name': 'tag:Name', 'Filter.1.Value.1': 'demo-cp-1' })).text();
    expect(answer).toContain(`<instanceId>${id}</instanceId>`);
    expect(answer).toContain('<privateIpAddress>10.9.0.4</privateIpAddress>');
    expect(await (await ask({ Action: 'RebootInstances' })).text()).toContain('<Code>InvalidAction</Code>');
  });
});
