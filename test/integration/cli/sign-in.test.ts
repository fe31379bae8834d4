import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CommandLine } from '../../support/command-line.js';
import { Browser } from '../../support/entra-sandbox.js';
import { audience, startSignedInApi, tenantId, thePortal, type SignedInApi } from '../api/tenants.js';

const keptSchema = z.record(z.string(), z.looseObject({ accessToken: z.string(), refreshToken: z.string(), expiresAt: z.number() }));

let signedIn: SignedInApi;
let commands: CommandLine;
beforeAll(async () => {
  signedIn = await startSignedInApi();
  commands = await CommandLine.open(() => ({
    CLUSTERWRIGHT_URL: signedIn.api.url, CLUSTERWRIGHT_ENTRA_TENANT: tenantId, CLUSTERWRIGHT_ENTRA_AUDIENCE: audience, CLUSTERWRIGHT_ENTRA_AUTHORITY: signedIn.entra.authority,
  }));
});
afterAll(async () => {
  await signedIn.stop();
  await commands.close();
});

const keptFile = (): string => path.join(commands.folder, '.config/clusterwright/sign-in.json');

async function kept() {
  const all = keptSchema.parse(JSON.parse(await readFile(keptFile(), 'utf8')));
  const one = all[signedIn.api.url];
  if (one === undefined) throw new Error('no sign-in is kept');
  return one;
}

async function change(fields: object): Promise<void> {
  await writeFile(keptFile(), JSON.stringify({ [signedIn.api.url]: { ...(await kept()), ...fields } }));
}

describe('a sign-in by device code', () => {
  it('is asked for where there is none', async () => {
    expect(await commands.run(['list'])).toMatchObject({ code: 6, stdout: '', stderr: expect.stringContaining('clusterwright login') });
    expect(await commands.run(['login'])).toMatchObject({ code: 2, stderr: expect.stringContaining('CLUSTERWRIGHT_CLIENT_ID') });
  });

  it('is made in a browser and kept where nobody else can read it', async () => {
    const login = commands.start(['login', '--client', audience]);
    const [, page = '', code = ''] = await login.says(/Open (\S+) in a browser and enter the code (\S+)\n/);
    const browser = new Browser();
    const confirmed = await browser.submit(await browser.open(page), { user_code: code });
    await browser.submit(await browser.submit(confirmed), { user: 'operator@tenant.example' });

    expect(await login.ended).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining(`Signed in to ${signedIn.api.url} as operator@tenant.example`) });
    expect((await stat(keptFile())).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(keptFile()))).mode & 0o777).toBe(0o700);
    expect(await commands.run(['list', '-o', 'json'])).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(await commands.run(['create', '-f', '-'], { input: '{"name": "foreign", "template": "development", "provider": "aws", "owner": "search", "access": {"entra": {"tenantId": "11111111-1111-4111-8111-111111111111", "clientId": "22222222-2222-4222-8222-222222222222"}, "groups": [{"id": "33333333-3333-4333-8333-333333333333", "role": "admin"}]}}' }))
      .toMatchObject({ code: 6, stderr: expect.stringContaining('forbidden') });
  });

  it('is renewed before it ends, and asked for again where that is refused', async () => {
    const before = await kept();
    await change({ expiresAt: Date.now() + 30_000 });
    expect((await commands.run(['list'])).code).toBe(0);
    const after = await kept();
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(after.expiresAt).toBeGreaterThan(Date.now() + 60_000);

    await change({ expiresAt: 0, refreshToken: 'made-up' });
    expect(await commands.run(['list'])).toMatchObject({ code: 6, stderr: expect.stringMatching(/invalid_grant[^]*clusterwright login --url/) });
    await change({ ...after });
  });

  it('goes to no other service, and nowhere in the clear', async () => {
    const asked: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[],"nextCursor":null}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => stranger.once('listening', resolve));
    expect((await commands.run(['list', '--url', `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`])).code).toBe(0);
    stranger.close();

    expect(asked).toEqual([undefined]);
    expect(await commands.run(['list', '--url', 'http://clusterwright.example.com'], { env: { CLUSTERWRIGHT_TOKEN: 'planted-token' } })).toMatchObject({ code: 2, stderr: expect.stringContaining('it could be read on its way') });
  });

  it('ends with a logout', async () => {
    expect((await commands.run(['logout'])).stderr).toContain('Signed out');
    expect(await readFile(keptFile(), 'utf8')).toBe('{}\n');
    expect((await commands.run(['list'])).code).toBe(6);
  });
});

describe('a sign-in of an application', () => {
  it('comes from its id and a secret of the environment or a file', async () => {
    if (!('application' in thePortal)) throw new Error('the portal is an application');
    const file = path.join(commands.folder, 'secret');
    await writeFile(file, 'portal-secret\n');
    const id = { CLUSTERWRIGHT_CLIENT_ID: thePortal.application };

    expect((await commands.run(['list'], { env: { ...id, CLUSTERWRIGHT_CLIENT_SECRET: 'portal-secret' } })).code).toBe(0);
    expect((await commands.run(['list'], { env: { ...id, CLUSTERWRIGHT_CLIENT_SECRET_FILE: file } })).code).toBe(0);
    expect(await commands.run(['list'], { env: { ...id, CLUSTERWRIGHT_CLIENT_SECRET: 'wrong-secret' } })).toMatchObject({ code: 6, stderr: expect.stringContaining('invalid_client') });
    expect((await commands.run(['list'], { env: { ...id, CLUSTERWRIGHT_CLIENT_SECRET_FILE: `${file}.gone` } })).code).toBe(2);
  });
});

it('prints no token and no secret', async () => {
  const token = await signedIn.token(thePortal);
  expect((await commands.run(['list'], { env: { CLUSTERWRIGHT_TOKEN: token } })).code).toBe(0);

  expect(commands.output()).not.toMatch(/eyJ|portal-secret|wrong-secret|made-up|planted-token/);
});
