import { describe, expect, it } from 'vitest';
import { kindOfArn } from '../../../worker/cloud/aws/tags.js';
import { receiptOf } from '../../../worker/operation/receipt.js';

const at = new Date('2026-11-21T12:00:00.000Z');
const region = 'eu-west-1';
const vpc = { urn: 'urn', type: 'aws:ec2/vpc:Vpc', name: 'network', id: 'vpc-1', arn: 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1' };
const key = { id: 'arn:aws:kms:eu-west-1:123456789012:key/k1', kind: 'aws:kms/key:Key', region, part: 'key' };
const bucket = { id: 'arn:aws:s3:::demo-backups', kind: 'aws:s3/bucket:Bucket', region, part: 'backups', backups: 'kept with the backups, as asked' };
const issuer = { id: 'arn:aws:s3:::demo-issuer', kind: 'aws:s3/bucket:Bucket', region, part: 'issuer' };
const network = { id: vpc.arn, kind: vpc.type, region, part: 'network' };
const token = { id: '/clusterwright/u/join/token', kind: 'aws:ssm/parameter:Parameter', region, part: undefined };
const input = { before: [vpc], retain: 'none', at } as const;

describe('a receipt', () => {
  it('lists every kind that there was or that was searched', () => {
    const receipt = receiptOf({ ...input, search: { kinds: [bucket.kind], found: [] } });

    expect(receipt.checked).toEqual([{ kind: vpc.type, count: 0 }, { kind: bucket.kind, count: 0 }]);
    expect(receipt.leftovers).toEqual([]);
  });

  it('counts what is left', () => {
    const receipt = receiptOf({ ...input, search: { kinds: [], found: [network] } });

    expect(receipt.leftovers).toEqual([{ id: vpc.arn, kind: vpc.type, region, reason: expect.any(String) as string }]);
    expect(receipt.checked).toContainEqual({ kind: vpc.type, count: 1 });
  });

  it('says until when the cloud keeps a deleted key, and takes one that is not deleted for a leftover', () => {
    const until = '2026-12-21T12:00:00.000Z';

    expect(receiptOf({ ...input, search: { kinds: [], found: [{ ...key, keptUntil: until }] } })).toMatchObject({ leftovers: [], retained: [{ id: key.id, kind: key.kind, region, until }] });
    expect(receiptOf({ ...input, search: { kinds: [], found: [key] } })).toMatchObject({ leftovers: [{ id: key.id }], retained: [] });
  });

  it('tells what the backups need from leftovers where they are to be kept', () => {
    const search = { kinds: [], found: [bucket, issuer, token] };

    const kept = receiptOf({ ...input, retain: 'backups', search });
    expect(kept.leftovers.map(({ id }) => id)).toEqual([issuer.id, token.id]);
    expect(kept.retained.map(({ id, reason, until }) => [id, reason, until])).toEqual([[bucket.id, bucket.backups, null]]);
    expect(receiptOf({ ...input, search }).leftovers.map(({ id }) => id)).toEqual([bucket.id, issuer.id, token.id]);
  });
});

describe('the kind of an ARN', () => {
  it.each([
    ['arn:aws:ec2:eu-west-1:1:vpc/vpc-1', 'aws:ec2/vpc:Vpc'],
    ['arn:aws:ec2:eu-west-1:1:elastic-ip/eipalloc-1', 'aws:ec2/eip:Eip'],
    ['arn:aws:s3:::bucket-name', 'aws:s3/bucket:Bucket'],
    ['arn:aws:iam::1:oidc-provider/x.s3.amazonaws.com', 'aws:iam/openIdConnectProvider:OpenIdConnectProvider'],
    ['arn:aws:logs:eu-west-1:1:log-group:demo-flow-logs', 'aws:cloudwatch/logGroup:LogGroup'],
    ['arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/demo/1', 'aws:lb/loadBalancer:LoadBalancer'],
    ['arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/a1b2', 'aws:elb/loadBalancer:LoadBalancer'],
    ['arn:aws:route53:::hostedzone/Z1', 'aws:route53/zone:Zone'],
    ['arn:aws:sqs:eu-west-1:1:queue', 'sqs:queue'],
  ])('%s is %s', (arn, kind) => {
    expect(kindOfArn(arn)).toBe(kind);
  });
});
