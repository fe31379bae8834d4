import { describe, expect, it } from 'vitest';
import { allows, type Statement } from '../../../sandbox/aws/role-policies.js';

const bucket = 'arn:aws:s3:::payments-prod-abc123-backups';
const lists = (condition: NonNullable<Statement['Condition']>, context: Record<string, string>): boolean =>
  allows([{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucket], Condition: condition }], 's3:ListBucket', bucket, context);

describe('conditions of a policy', () => {
  it('that want a key are not met by a request without it, and those that want none are', () => {
    const wanted = { StringLike: { 's3:prefix': ['velero/*'] } };
    expect([lists(wanted, { 's3:prefix': 'velero/a' }), lists(wanted, { 's3:prefix': 'loki/a' }), lists(wanted, {})]).toEqual([true, false, false]);
    const none = { Null: { 's3:prefix': ['true'] } };
    expect([lists(none, {}), lists(none, { 's3:prefix': 'velero/a' })]).toEqual([true, false]);
  });
});
