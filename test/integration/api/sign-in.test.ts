import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { entraSignIn } from '../../../api/index.js';
import { problemOf } from './schemas.js';
import { audience, groups, person, startSignedInApi, tenancy, tenantId, thePortal, type SignedInApi } from './tenants.js';

let tenants: SignedInApi;
beforeAll(async () => { tenants = await startSignedInApi(); });
afterAll(() => tenants.stop());

const get = (token: string): Promise<Response> => tenants.api.send('GET', '/clusters', undefined, { authorization: `Bearer ${token}` });
const refused = async (token: string) => {
  const response = await get(token);
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  return problemOf(response);
};

const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const objectSchema = z.record(z.string(), z.unknown());
const parts = (token: string) => {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const [header, claims] = [head, payload].map((text) => objectSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString())));
  return [header ?? {}, claims ?? {}, signature] as const;
};
/** A token that is signed by somebody else's key, under whatever header. */
const forged = (head: object, payload: object): string => {
  const content = `${part(head)}.${part(payload)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(strangersKey, 'base64url')}`;
};

describe('a token', () => {
  it('of a person and of an application is accepted', async () => {
    expect((await get(await tenants.token(person('operator')))).status).toBe(200);
    expect((await get(await tenants.token(thePortal))).status).toBe(200);
  });

  it('signed by another key is refused, whichever key it names', async () => {
    const [head, payload] = parts(await tenants.token(person('everything')));
    for (const kid of [head['kid'], 'unknown']) expect(await refused(forged({ ...head, kid }, payload))).toMatchObject({ status: 401, code: 'unauthenticated', detail: 'The token is not accepted. It is not signed by a key of the tenant.' });
  });

  it('with other claims under a good signature is refused', async () => {
    const [head, payload, signature] = parts(await tenants.token(person('viewer')));
    expect(await refused(`${part(head)}.${part({ ...payload, groups: [groups.everything] })}.${signature}`)).toMatchObject({ status: 401 });
  });

  it('without a signature is refused: alg none, and HS256 with the public key', async () => {
    const [head, payload] = parts(await tenants.token(person('everything')));
    expect(await refused(`${part({ ...head, alg: 'none' })}.${part(payload)}.`)).toMatchObject({ status: 401 });
    expect(await refused(forged({ ...head, alg: 'HS256' }, payload))).toMatchObject({ detail: 'The token is not accepted. It must be signed with RS256.' });
  });

  it('that has ended is refused', async () => {
    const token = await tenants.entra.token({ tenant: tenantId, audience, ...person('operator'), expiresInSeconds: 1 });
    expect((await get(token)).status).toBe(200);
    // A minute's difference between clocks is borne.
    vi.setSystemTime(Date.now() + 90_000);
    try {
      expect(await refused(token)).toMatchObject({ status: 401, detail: 'The token is not accepted. It has ended: get a new one.' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('for another audience is refused', async () => {
    const other = '00000000-0000-4000-8000-000000000099';
    expect(await refused(await tenants.token(person('everything'), { audience: other }))).toMatchObject({ status: 401, detail: `The token is not accepted. It must be for ${audience}.` });
  });

  it('of another tenant is refused', async () => {
    const token = await tenants.entra.token({ tenant: '00000000-0000-4000-8000-000000000098', audience, user: 'admin@sandbox.example' });
    expect(await refused(token)).toMatchObject({ status: 401 });
  });

  it('is no secret that an answer or the log repeats', async () => {
    const token = await tenants.token(person('unknown'));
    const answers = await Promise.all([get(token), get(`${token}x`)]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([403, 401]);
    for (const text of [...texts, ...tenants.api.logged, ...tenants.lines]) expect(text).not.toContain(token.split('.')[2]);
  });

  it('signed by a new key is accepted, and by a retired one as long as it is published', async () => {
    const before = await tenants.token(person('viewer'));
    expect((await get(before)).status).toBe(200);
    await tenants.entra.call('POST', '/entra/keys/rotate');
    const after = await tenants.token(person('viewer'));
    expect(parts(after)[0]['kid']).not.toBe(parts(before)[0]['kid']);
    expect((await get(after)).status).toBe(200);
    expect((await get(before)).status).toBe(200);
  });
});

describe('who is in too many groups', () => {
  it('is told so, and what helps', async () => {
    expect(await problemOf(await tenants.as(person('many'), 'GET', '/clusters'))).toMatchObject({ status: 403, code: 'group-overage', hint: expect.stringContaining('Groups assigned to the application') });
  });

  it('is let in by an application role', async () => {
    expect((await tenants.as(person('many-with-role'), 'GET', '/clusters')).status).toBe(200);
  });
});

describe('an application', () => {
  it('has its roles and not its groups', async () => {
    // Its group is one that may read the audit trail.
    expect((await tenants.as(thePortal, 'GET', '/audit')).status).toBe(403);
  });
});

it('answers 503 and changes nothing while the tenant\'s keys cannot be read', async () => {
  const signIn = entraSignIn({ tenantId, audiences: [audience], authority: 'http://127.0.0.1:9/entra', issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`, tenancyFile: '' }, tenancy);
  await expect(signIn.callerOf(`Bearer ${await tenants.token(person('operator'))}`)).rejects.toMatchObject({ code: 'identity-unavailable' });
});

it.each([undefined, 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer not-a-token'])('answers 401 to %s', async (authorization) => {
  const response = await tenants.api.send('GET', '/clusters', undefined, authorization === undefined ? {} : { authorization });
  expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthenticated' });
});

it('refuses who has not signed in before it reads a body', async () => {
  const response = await tenants.api.send('POST', '/clusters', undefined, { 'content-type': 'text/plain' });
  expect(response.status).toBe(401);
});
