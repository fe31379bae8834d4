import { describe, expect, it } from 'vitest';
import { kindOfArn } from '../../../worker/cloud/aws/tags.js';
import { receiptOf } from '../../../worker/operation/receipt.js';

const at = new Date('2026-11-21T12:00:00.000Z');
const keyArn = 'arn:aws:kms:eu-west-1:123456789012:key/k1';
const vpc = { urn: 'urn', type: 'aws:ec2/vpc:Vpc', name: 'network', id: 'vpc-1', arn: 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1', waitingDays: undefined };
const key = { urn: 'urn', type: 'aws:kms/key:Key', name: 'key', id: 'k1', arn: keyArn, waitingDays: 30 };
const foundKey = { id: keyArn, kind: 'aws:kms/key:Key', region: 'eu-west-1', part: 'key' };
const foundBucket = { id: 'arn:aws:s3:::demo-backups', kind: 'aws:s3/bucket:Bucket', region: 'eu-west-1', part: 'backups' };
const foundVpc = { id: vpc.arn, kind: vpc.type, region: 'eu-west-1', part: 'network' };
const input = { region: 'eu-west-1', before: [vpc, key], retain: 'none', at } as const;

describe('a receipt', () => {
  it('lists every kind that there was or that was searched', () => {
    const receipt = receiptOf({ ...input, search: { kinds: ['aws:s3/bucket:Bucket'], found: [] } });
    expect(receipt.checked).toEqual([{ kind: 'aws:ec2/vpc:Vpc', count: 0 }, { kind: 'aws:kms/key:Key', count: 0 }, { kind: 'aws:s3/bucket:Bucket', count: 0 }]);
    expect(receipt.leftovers).toEqual([]);
  });

  it('counts what is left', () => {
    const receipt = receiptOf({ ...input, search: { kinds: [], found: [foundVpc] } });
    expect(receipt.leftovers).toEqual([{ id: vpc.arn, kind: vpc.type, region: 'eu-west-1', reason: expect.stringContaining('tag') }]);
    expect(receipt.checked).toContainEqual({ kind: 'aws:ec2/vpc:Vpc', count: 1 });
  });

  it('says until when the cloud keeps a deleted key, whether its tags still show it or not', () => {
    for (const found of [[], [foundKey]]) {
      expect(receiptOf({ ...input, search: { kinds: [], found } }).retained).toEqual([
        { id: keyArn, kind: 'aws:kms/key:Key', region: 'eu-west-1', reason: 'the cloud keeps a deleted key for 30 days', until: '2026-12-21T12:00:00.000Z' },
      ]);
    }
  });

  it('tells what was kept on purpose from leftovers', () => {
    const search = { kinds: [], found: [foundKey, foundBucket] };
    const kept = receiptOf({ ...input, retain: 'backups', search });
    expect(kept.leftovers).toEqual([]);
    expect(kept.retained.map(({ kind, until }) => [kind, until])).toEqual([['aws:kms/key:Key', null], ['aws:s3/bucket:Bucket', null]]);
    expect(receiptOf({ ...input, search }).leftovers.map(({ kind }) => kind)).toEqual(['aws:s3/bucket:Bucket']);
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
    ['arn:aws:route53:::hostedzone/Z1', 'aws:route53/zone:Zone'],
    ['arn:aws:sqs:eu-west-1:1:queue', 'sqs:queue'],
  ])('%s is %s', (arn, kind) => {
    expect(kindOfArn(arn)).toBe(kind);
  });
});
