import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsPart } from '../../../sandbox/aws/index.js';
import { bucket, openIdConnectProvider, role, rolePolicy } from '../../../sandbox/aws/types/tokens.js';
import { rsaKeyPair } from '../../../sandbox/rsa-keys.js';
import { startAwsAlone, type AwsAlone } from './aws-alone.js';

const issuer = 'https://demo-issuer.s3.eu-west-1.amazonaws.com';
const roleArn = 'arn:aws:iam::123456789012:role/demo-velero';

let alone: AwsAlone;
let aws: AwsPart;
let create: AwsAlone['create'];
let keys: { own: KeyObject; foreign: KeyObject };

beforeAll(async () => {
  alone = await startAwsAlone();
  ({ aws, create } = alone);
  const [own, foreign] = [rsaKeyPair(), rsaKeyPair()];
  keys = { own: createPrivateKey(own.privateKey), foreign: createPrivateKey(foreign.privateKey) };
  await create(bucket, { bucket: 'demo-issuer' });
  await create(bucket, { bucket: 'demo-backups' });
  aws.cloud.objects.put('demo-issuer', '.well-known/openid-configuration', JSON.stringify({ issuer, jwks_uri: `${issuer}/openid/v1/jwks` }));
  aws.cloud.objects.put('demo-issuer', 'openid/v1/jwks', JSON.stringify({ keys: [{ ...(await exportJWK(createPublicKey(own.publicKey))), kid: 'one', alg: 'RS256', use: 'sig' }] }));
  aws.cloud.objects.put('demo-backups', 'velero/a', 'a backup');
  const provider = await create(openIdConnectProvider, { url: issuer, clientIdLists: ['sts.amazonaws.com'] });
  const conditions = { StringEquals: { 'demo-issuer.s3.eu-west-1.amazonaws.com:aud': 'sts.amazonaws.com', 'demo-issuer.s3.eu-west-1.amazonaws.com:sub': 'system:serviceaccount:velero:velero-server' } };
  await create(role, { name: 'demo-velero', assumeRolePolicy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Federated: provider }, Action: ['sts:AssumeRoleWithWebIdentity'], Condition: conditions }] }) });
  await create(rolePolicy, { name: 'objects', role: 'demo-velero', policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::demo-backups/*' }, { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::demo-backups' }] }) });
});
afterAll(() => alone.stop());

/** A service account's token, as the cluster's API server makes them. */
function token({ sub = 'system:serviceaccount:velero:velero-server', aud = 'sts.amazonaws.com', key = keys.own, from = issuer, seconds = 600 } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: 'one' }).setIssuer(from).setSubject(sub).setAudience(aud).setIssuedAt(now - 1_000).setExpirationTime(now + seconds).sign(key);
}

async function assume(of: Promise<string>): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }> {
  // Without credentials: the call is not signed.
  const sts = new STSClient({ endpoint: aws.endpoint, region: 'eu-west-1', maxAttempts: 1, credentials: { accessKeyId: '', secretAccessKey: '' } });
  const { Credentials: given } = await sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn, RoleSessionName: 'velero', WebIdentityToken: await of }));
  return { accessKeyId: given?.AccessKeyId ?? '', secretAccessKey: given?.SecretAccessKey ?? '', sessionToken: given?.SessionToken ?? '' };
}

describe('a token of a cluster', () => {
  it('gets credentials that may do what its role may, and nothing else', async () => {
    const s3 = new S3Client({ endpoint: aws.endpoint, region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1, credentials: await assume(token()) });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'demo-backups', Key: 'velero/a' }));
    expect(await Body?.transformToString()).toBe('a backup');
    await expect(s3.send(new GetObjectCommand({ Bucket: 'demo-issuer', Key: 'openid/v1/jwks' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it.each([
    ['of another service account', () => token({ sub: 'system:serviceaccount:velero:default' }), 'AccessDenied'],
    ['for another audience', () => token({ aud: 'somebody-else' }), 'InvalidIdentityTokenException'],
    ['signed by a key that the cluster has not published', () => token({ key: keys.foreign }), 'InvalidIdentityTokenException'],
    ['of an issuer that the account does not know', () => token({ from: 'https://other-issuer.s3.eu-west-1.amazonaws.com' }), 'InvalidIdentityTokenException'],
    ['that has expired', () => token({ seconds: -300 }), 'ExpiredTokenException'],
    ['that is none', () => Promise.resolve('rubbish'), 'InvalidIdentityTokenException'],
  ])('gets nothing when it is one %s', async (_what, made, code) => {
    await expect(assume(made())).rejects.toMatchObject({ name: code });
  });

  it('leaves every other request in need of a signature', async () => {
    const answer = await fetch(aws.endpoint, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    expect(answer.status).toBe(403);
  });
});
