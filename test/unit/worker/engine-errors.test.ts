import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../model/errors.js';
import { EngineCallError } from '../../../worker/engine/call-error.js';
import { classify } from '../../../worker/engine/errors.js';

const vpc = 'urn:pulumi:demo-infrastructure::clusterwright::clusterwright:index:Cluster$aws:ec2/vpc:Vpc::network';
const stack = 'demo-infrastructure';
const failed = new EngineCallError(255, 'error: update failed');

describe('the words about a resource', () => {
  const cases: readonly [ErrorCode, string][] = [
    ['resource-failed', 'creating EC2 Instance: InsufficientInstanceCapacity: we do not have sufficient capacity'],
    ['cloud-throttled', 'creating EC2 Subnet: api error RequestLimitExceeded: Request limit exceeded.'],
    ['cloud-throttled', 'ThrottlingException: Rate exceeded'],
    ['cloud-credentials', 'api error ExpiredToken: The provided token has expired.'],
    ['cloud-credentials', 'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: sts:AssumeRole'],
    ['cloud-credentials', 'AWS account ID not allowed: 210987654321'],
    ['backend-unavailable', 'post-step event returned an error: failed to save snapshot: An IO error occurred while writing the new snapshot file: blob (key ".pulumi/stacks/x.json") (code=Unknown): connection refused'],
    ['cloud-throttled', 'Status=429 Code="TooManyRequests" Message="The request is being throttled."'],
    ['cloud-credentials', 'Status=401 Code="ExpiredAuthenticationToken" Message="The access token expiry UTC time is earlier than current UTC time."'],
    ['cloud-credentials', 'ClientSecretCredential authentication failed. AADSTS7000222: The provided client secret keys are expired.'],
    ['quota-exceeded', 'Status=409 Code="OperationNotAllowed" Message="Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota."'],
    ['quota-exceeded', 'creating EC2 VPC: api error VpcLimitExceeded: The maximum number of VPCs has been reached.'],
  ];
  it.each(cases)('mean %s: %s', (code, words) => {
    const error = classify(failed, stack, { failures: [{ urn: vpc, words }], errors: ['update failed'] });
    expect(error.code).toBe(code);
    expect(error.resource).toBe('network');
    expect(error.message).toBe(`aws:ec2/vpc:Vpc network: ${words}`);
    expect(error.hint).not.toBe('');
  });

  it('tell how many more failed', () => {
    const error = classify(failed, stack, { failures: [{ urn: vpc, words: 'no' }, { urn: `${vpc}-2`, words: 'no' }, { urn: `${vpc}-3`, words: '' }], errors: [] });
    expect(error.message).toBe('aws:ec2/vpc:Vpc network: no (2 more failed)');
  });
});

describe('what the engine prints', () => {
  const cases: readonly [ErrorCode, string][] = [
    ['stack-locked', 'error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///state/.pulumi/locks/x.json: created by root@vm (pid 4711) at 2026-11-21T11:30:00Z'],
    ['secrets-key-mismatch', 'error: could not create secrets manager for new stack: incorrect passphrase'],
    ['secrets-key-mismatch', 'error: constructing secrets manager of type "passphrase": incorrect passphrase'],
    ['backend-unavailable', 'error: unable to open bucket file:///nonexistent/state?no_tmp_dir=true: stat /nonexistent/state: no such file or directory'],
    ['engine-failed', 'error: something new'],
  ];
  it.each(cases)('means %s: %s', (code, stderr) => {
    const error = classify(new EngineCallError(255, stderr), stack);
    expect(error.code).toBe(code);
    expect(error.resource).toBe(stack);
  });

  it('names who holds the lock', () => {
    expect(classify(new EngineCallError(255, cases[0]?.[1] ?? ''), stack).message).toBe('demo-infrastructure is locked by another engine: root@vm, process 4711, since 2026-11-21T11:30:00Z.');
  });

  it('of a program\'s exception is a fault of the service, without its stack trace', () => {
    const error = classify(failed, stack, { failures: [], errors: ['Unhandled exception: TypeError: x is undefined'] });
    expect(error.code).toBe('program-failed');
    expect(error.message).toContain('x is undefined');
  });

  it('is not shown where it is not an error line', () => {
    const error = classify(new EngineCallError(255, 'token=hunter2\nerror: it broke'), stack);
    expect(error.message).toBe('demo-infrastructure: error: it broke');
  });
});
