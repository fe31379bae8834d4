import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInGroups, otherTenantId, pipeline } from '../../../sandbox/entra/built-in-tenants.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { Browser, EntraSandbox } from '../../support/entra-sandbox.js';

const tenant = '99999999-9999-4999-8999-999999999999';
const client = '88888888-8888-4888-8888-888888888888';
const scope = `${client}/.default openid offline_access profile`;
const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;

let entra: EntraSandbox;
beforeAll(async () => { entra = await EntraSandbox.start(); });
afterAll(() => entra.stop());

/** What is read at an address, in JSON. */
async function read(url: string): Promise<unknown> {
  const response = await fetch(url);
  return response.json();
}

/** Signs a user in with a device code, as kubelogin does, and gives the answer with the tokens. */
async function byDeviceCode(user: string, grant = 'urn:ietf:params:oauth:grant-type:device_code'): Promise<Record<string, unknown>> {
  const { body: device } = await entra.post(tenant, 'devicecode', { client_id: client, scope });
  const poll = () => entra.post(tenant, 'token', { client_id: client, grant_type: grant, device_code: String(device['device_code']) });
  expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });

  const browser = new Browser();
  const asked = await browser.open(String(device['verification_uri']));
  const shown = await browser.submit(asked, { user_code: String(device['user_code']) });
  const choices = await browser.submit(shown);
  const done = await browser.submit(choices, { user });
  expect(done.html).toContain('You are signed in on the device');
  return (await poll()).body;
}

const verifier = randomBytes(32).toString('base64url');
const redirect = 'http://localhost:45678';

/** Where a browser is sent to sign in. */
function signInAddress(changes: Record<string, string> = {}): string {
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return `${entra.at(tenant, '/oauth2/v2.0/authorize')}?${new URLSearchParams({ client_id: client, response_type: 'code', redirect_uri: redirect, scope, code_challenge: challenge, code_challenge_method: 'S256', ...changes })}`;
}

const admin = '05e40000-0000-4000-8000-000000000001';

describe('the stand-in for Entra ID', () => {
  it('describes any tenant at the paths of Entra, with addresses by which it was reached and the issuer that Entra has', async () => {
    const document = await read(entra.at(tenant, '/v2.0/.well-known/openid-configuration'));

    expect(document).toMatchObject({
      issuer, jwks_uri: entra.at(tenant, '/discovery/v2.0/keys'), token_endpoint: entra.at(tenant, '/oauth2/v2.0/token'), authorization_endpoint: entra.at(tenant, '/oauth2/v2.0/authorize'),
      device_authorization_endpoint: entra.at(tenant, '/oauth2/v2.0/devicecode'), end_session_endpoint: entra.at(tenant, '/oauth2/v2.0/logout'),
    });
    expect(await entra.keyIds(tenant)).toHaveLength(1);
    expect(await read(entra.at('common', '/v2.0/.well-known/openid-configuration'))).toMatchObject({ error: 'invalid_tenant' });
  });

  it('publishes no private half of a key', async () => {
    const { keys } = (await read(entra.at(tenant, '/discovery/v2.0/keys'))) as { keys: object[] };

    expect(keys.flatMap((key) => Object.keys(key)).filter((field) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(field))).toEqual([]);
  });

  it('answers under its own name to whoever ends TLS for it', async () => {
    const authority = await CertificateAuthority.create('test');
    const { certificate: cert, key } = await authority.issueServer(['login.microsoftonline.com'], []);
    const door = createServer({ cert, key }, (socket) => entra.services.emit('connection', socket)).listen(0, '127.0.0.1');
    await once(door, 'listening');
    const text = await new Promise<string>((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1', port: (door.address() as AddressInfo).port, servername: 'login.microsoftonline.com', ca: authority.certificate, agent: false,
        headers: { host: 'login.microsoftonline.com' }, path: `/${tenant}/v2.0/.well-known/openid-configuration`,
      }, (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => { resolve(body); });
      });
      asked.on('error', reject).end();
    });
    door.close();

    expect(JSON.parse(text)).toMatchObject({ issuer, jwks_uri: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`, token_endpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token` });
  });

  it('tells Microsoft\'s libraries that it is an authority', async () => {
    const url = entra.at('common', `/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`);

    expect(await read(url)).toMatchObject({ tenant_discovery_endpoint: `https://login.microsoftonline.com/${tenant}/v2.0/.well-known/openid-configuration`, metadata: [{ preferred_network: 'login.microsoftonline.com' }] });
  });

  it('signs people in with a device code', async () => {
    const { access_token: access, id_token: id, refresh_token: refresh, token_type: type } = await byDeviceCode(admin);

    expect(type).toBe('Bearer');
    expect(refresh).toEqual(expect.any(String));
    expect(await entra.verified(tenant, access)).toEqual({
      aud: client, iss: issuer, iat: expect.any(Number), nbf: expect.any(Number), exp: expect.any(Number), azp: client, azpacr: '0', scp: 'user_impersonation', ver: '2.0', tid: tenant, oid: admin,
      sub: expect.any(String), uti: expect.any(String), name: 'admin', preferred_username: 'admin@sandbox.example', groups: [builtInGroups.admin],
    });
    expect(await entra.verified(tenant, id)).toMatchObject({ aud: client, iss: issuer, tid: tenant, oid: admin, preferred_username: 'admin@sandbox.example', groups: [builtInGroups.admin], ver: '2.0' });
  });

  it('takes the device grant by the name that Microsoft\'s library for Go has for it', async () => {
    expect(await entra.verified(tenant, (await byDeviceCode(admin, 'device_code'))['access_token'])).toMatchObject({ oid: admin });
  });

  it('signs people in by a code with PKCE, at any port of localhost, and not without PKCE or elsewhere', async () => {
    const address = (changes: Record<string, string> = {}) => signInAddress({ state: 'there and back', nonce: 'once', prompt: 'select_account', ...changes });
    const browser = new Browser();
    const back = new URL((await browser.submit(await browser.open(address()), { user: admin })).url);

    expect(back.origin).toBe(redirect);
    expect(back.searchParams.get('state')).toBe('there and back');
    const exchange = (changes: Record<string, string> = {}) => entra.post(tenant, 'token', { client_id: client, grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '', redirect_uri: redirect, code_verifier: verifier, ...changes });
    expect(await exchange({ code_verifier: randomBytes(32).toString('base64url') })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const { body } = await exchange();
    expect(await entra.verified(tenant, body['id_token'])).toMatchObject({ aud: client, nonce: 'once', oid: admin });
    expect(await entra.verified(tenant, body['access_token'])).toMatchObject({ aud: client, oid: admin, groups: [builtInGroups.admin] });
    expect(body['refresh_token']).toEqual(expect.any(String));

    expect((await new Browser().open(address({ redirect_uri: 'https://elsewhere.example/' }))).html).toContain('redirect_uri');
    expect(new URL((await new Browser().open(address({ code_challenge: '', code_challenge_method: '' }))).url).searchParams.get('error')).toBe('invalid_request');
  });

  it('remembers who is signed in until they sign out', async () => {
    const browser = new Browser();
    await browser.submit(await browser.open(signInAddress()), { user: admin });

    expect((await browser.open(signInAddress())).url).toContain(`${redirect}/?code=`);
    const leaving = await browser.open(entra.at(tenant, '/oauth2/v2.0/logout'));
    expect((await browser.submit(leaving)).html).toContain('You are signed out');
    expect((await browser.open(signInAddress())).html).toContain('Sign in to Sandbox');
  });

  it('renews what was signed in by its refresh token', async () => {
    const { refresh_token: refresh } = await byDeviceCode(admin);

    const { body } = await entra.post(tenant, 'token', { client_id: client, grant_type: 'refresh_token', refresh_token: String(refresh), scope });

    expect(await entra.verified(tenant, body['access_token'])).toMatchObject({ aud: client, oid: admin, groups: [builtInGroups.admin] });
  });

  it('gives an application a token of its own for its secret, with groups and app roles, and for no other', async () => {
    const ask = (secret: string, audience: string) => entra.post(tenant, 'token', { client_id: pipeline.id, client_secret: secret, grant_type: 'client_credentials', scope: `${audience}/.default` });
    const { body } = await ask(pipeline.secret, pipeline.id);

    expect(await entra.verified(tenant, body['access_token'])).toEqual({
      aud: pipeline.id, iss: issuer, iat: expect.any(Number), nbf: expect.any(Number), exp: expect.any(Number), azp: pipeline.id, azpacr: '1', ver: '2.0', tid: tenant,
      oid: '5e41c000-0000-4000-8000-000000000001', sub: '5e41c000-0000-4000-8000-000000000001', uti: expect.any(String), roles: ['Pipeline.Run'], groups: [builtInGroups.developer],
    });
    const elsewhere = await entra.verified(tenant, (await ask(pipeline.secret, `api://${client}`)).body['access_token']);
    expect(elsewhere).toMatchObject({ aud: client, oid: '5e41c000-0000-4000-8000-000000000001' });
    expect(elsewhere).not.toHaveProperty('roles');
    expect(await ask('guessed', pipeline.id)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('points to the groups of somebody who is in more than 200, and lists none of nobody', async () => {
    const many = await entra.verified(tenant, await entra.token({ tenant, audience: client, user: 'many-groups@sandbox.example' }));
    const nobody = await entra.verified(tenant, await entra.token({ tenant, audience: client, user: 'nobody@sandbox.example' }));

    expect(many).toMatchObject({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: `https://graph.windows.net/${tenant}/users/${String(many['oid'])}/getMemberObjects` } } });
    expect(many).not.toHaveProperty('groups');
    expect(Object.keys(nobody).filter((claim) => claim === 'groups' || claim.startsWith('_claim'))).toEqual([]);
  });

  it('gives tokens without a sign-in, for as long as is wished, about those who are in the directory', async () => {
    const token = await entra.token({ tenant, audience: client, application: pipeline.id, expiresInSeconds: 1 });
    await wait(1100);

    await expect(entra.verified(tenant, token)).rejects.toThrow('ended');
    expect(await entra.call('POST', '/entra/tokens', { tenant, audience: client, user: 'stranger' })).toMatchObject({ status: 404, body: { error: expect.stringContaining('admin@sandbox.example') } });
    expect((await entra.call('POST', '/entra/tokens', { tenant, audience: 'no id', user: admin })).status).toBe(422);
  });

  it('keeps tenants apart', async () => {
    const visitor = await entra.verified(otherTenantId, await entra.token({ tenant: otherTenantId, audience: client, user: 'visitor@other.example' }));

    expect(visitor).toMatchObject({ iss: `https://login.microsoftonline.com/${otherTenantId}/v2.0`, tid: otherTenantId });
    await expect(entra.token({ tenant: otherTenantId, audience: client, user: admin })).rejects.toThrow('no user');
    const { body: device } = await entra.post(tenant, 'devicecode', { client_id: client, scope });
    expect(await entra.post(otherTenantId, 'token', { client_id: client, grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: String(device['device_code']) })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('takes a directory that is put, whole, and refuses one with groups that are not there', async () => {
    const own = '12345678-1234-4234-8234-123456789abc';
    const ada = { id: own, userPrincipalName: 'ada@example.com', displayName: 'Ada', groups: [admin] };

    expect(await entra.call('PUT', `/entra/tenants/${own}`, { displayName: 'Own', users: [ada] })).toMatchObject({ status: 422, body: { error: expect.stringContaining(`no group ${admin}`) } });
    await entra.call('PUT', `/entra/tenants/${own}`, { displayName: 'Own', users: [ada], groups: [{ id: admin, displayName: 'some group' }] });
    expect(await entra.verified(own, await entra.token({ tenant: own, audience: client, user: 'ADA@example.com' }))).toMatchObject({ oid: own, groups: [admin] });
    await entra.call('DELETE', `/entra/tenants/${own}`);
    await expect(entra.token({ tenant: own, audience: client, user: 'ada@example.com' })).rejects.toThrow('no user');
  });

  it('signs with the new key after a rotation, and publishes the old one for a day', async () => {
    const before = await entra.token({ tenant, audience: client, user: admin });
    const [old] = await entra.keyIds(tenant);
    const { kid } = (await entra.call('POST', '/entra/keys/rotate')).body as { kid: string };
    const after = await entra.token({ tenant, audience: client, user: admin });

    expect(await entra.keyIds(tenant)).toEqual([kid, old]);
    expect(JSON.parse(Buffer.from(after.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ kid, typ: 'JWT', alg: 'RS256' });
    await entra.verified(tenant, before);
    await entra.call('POST', '/clock', { advanceSeconds: 24 * 3600 + 1 });
    expect(await entra.keyIds(tenant)).toEqual([kid]);
    await expect(entra.verified(tenant, before)).rejects.toThrow('no key');
    await entra.verified(tenant, after);
  });

  it('knows keys, directories and who was signed in after a restart', async () => {
    const { access_token: access, refresh_token: refresh } = await byDeviceCode(admin);
    const own = '12345678-1234-4234-8234-123456789abd';
    await entra.call('PUT', `/entra/tenants/${own}`, { displayName: 'Own' });
    const keys = await entra.keyIds(tenant);

    await entra.restart();

    expect(await entra.keyIds(tenant)).toEqual(keys);
    await entra.verified(tenant, access);
    expect((await entra.call('GET', `/entra/tenants/${own}`)).body).toMatchObject({ displayName: 'Own' });
    const { body } = await entra.post(tenant, 'token', { client_id: client, grant_type: 'refresh_token', refresh_token: String(refresh), scope });
    expect(await entra.verified(tenant, body['access_token'])).toMatchObject({ oid: admin });
  });
});
