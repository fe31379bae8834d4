import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { accessibilityFaults } from '../../support/accessibility.js';
import { openPage, startChromium, type WatchedPage } from '../../support/chromium.js';
import { EntraSandbox } from '../../support/entra-sandbox.js';
import { startTestService, type RunningService } from '../../support/service.js';

const tenant = '00000000-0000-4000-8000-0000000000ba';
const audience = '00000000-0000-4000-8000-0000000000bb';
const consoleClient = '00000000-0000-4000-8000-0000000000bc';
const team = '00000000-0000-4000-8000-0000000000bd';
const user = (digit: number, name: string, groups: string[]) => ({ id: `00000000-0000-4000-8000-00000000000${digit}`, userPrincipalName: `${name}@tenant.example`, displayName: name, groups });

let entra: EntraSandbox;
let service: RunningService;
let folder: string;
let browser: Browser;
beforeAll(async () => {
  entra = await EntraSandbox.start();
  folder = await mkdtemp(path.join(tmpdir(), 'console-'));
  const tenancy = path.join(folder, 'tenancy.yaml');
  await writeFile(tenancy, stringify({ grants: [{ group: team, role: 'operator', owners: ['payments'] }] }));
  [service, browser] = await Promise.all([startTestService({
    CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_ENTRA_TENANT: tenant, CLUSTERWRIGHT_ENTRA_AUDIENCE: audience, CLUSTERWRIGHT_ENTRA_AUTHORITY: entra.authority, CLUSTERWRIGHT_TENANCY: tenancy,
    CLUSTERWRIGHT_CONSOLE_CLIENT_ID: consoleClient,
  }), startChromium()]);
  await entra.call('PUT', `/entra/tenants/${tenant}`, {
    displayName: 'Payments', groups: [{ id: team, displayName: 'payments' }], users: [user(1, 'ada', [team]), user(2, 'stranger', [])],
    applications: [{ id: consoleClient, servicePrincipalId: '00000000-0000-4000-8000-0000000000be', displayName: 'console', redirectUris: [`${service.url}/`] }],
  });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
  await entra.stop();
  await rm(folder, { recursive: true });
});

let context: BrowserContext;
let watched: WatchedPage;
let page: Page;
beforeEach(async () => {
  context = await browser.newContext();
  watched = await openPage(context);
  page = watched.page;
});
afterEach(async () => {
  await context.close();
  expect(watched.complaints).toEqual([]);
});

async function signIn(who: string, place = '#/clusters'): Promise<void> {
  await page.goto(`${service.url}/${place}`);
  await page.getByRole('button', { name: 'Sign in with Microsoft Entra ID' }).click();
  await page.getByRole('button', { name: who }).click();
}

describe('signing in to the console', () => {
  it('goes by a code with PKCE, comes back to where one was, and shows what the caller may see', async () => {
    const asked: Request[] = [];
    page.on('request', (request) => asked.push(request));
    await page.goto(`${service.url}/#/create`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.getByRole('navigation').count()).toBe(0);
    await signIn('ada', '#/create');
    await page.getByRole('heading', { name: 'Create a cluster' }).waitFor();
    await page.getByText('ada@tenant.example').waitFor();
    await page.getByRole('radio', { name: /^Production/ }).waitFor();
    expect(page.url()).toBe(`${service.url}/#/create`);

    const authorize = new URL(asked.map((request) => request.url()).find((url) => url.includes('/oauth2/v2.0/authorize')) ?? '');
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      client_id: consoleClient, response_type: 'code', response_mode: 'fragment', code_challenge_method: 'S256', scope: `openid profile offline_access ${audience}/.default`,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/), state: expect.stringMatching(/^.{20,}$/), nonce: expect.stringMatching(/^.{20,}$/),
    });
    const exchange = new URLSearchParams(asked.find((request) => request.url().includes('/oauth2/v2.0/token'))?.postData() ?? '');
    expect(exchange.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    expect(exchange.has('client_secret')).toBe(false);
    // Neither the code nor a token is in an address of the service, and no access token outlives the page.
    expect(asked.map((request) => request.url()).filter((url) => url.startsWith(service.url) && /code=|token/.test(url))).toEqual([]);
    const stored = String(await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])'));
    const bearer = (await asked.find((request) => request.url().endsWith('/templates'))?.allHeaders())?.['authorization'];
    expect(bearer).toMatch(/^Bearer ey/);
    expect(stored).not.toContain(bearer?.split('.').at(-1));
  });

  it('lasts over a reload without asking, and ends when one signs out', async () => {
    await signIn('ada', '#/jobs');
    await page.getByText('There is no job yet.').waitFor();
    await page.reload();
    await page.getByText('There is no job yet.').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.href.includes('/oauth2/v2.0/logout'));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('renews the token before it ends, once, without asking anybody', async () => {
    await page.clock.install();
    await signIn('ada', '#/jobs');
    await page.getByText('There is no job yet.').waitFor();
    const grants: (string | null)[] = [];
    const bearers = new Set<string>();
    page.on('request', (request) => {
      if (request.url().includes('/oauth2/v2.0/token')) grants.push(new URLSearchParams(request.postData() ?? '').get('grant_type'));
      const bearer = request.headers()['authorization'];
      if (bearer !== undefined) bearers.add(bearer);
    });
    // A token lasts an hour.
    await page.clock.fastForward('58:30');
    await page.getByRole('link', { name: 'Clusters' }).click();
    await page.getByText('There is no cluster yet.').waitFor();
    await page.getByRole('link', { name: 'Create', exact: true }).click();
    await page.getByRole('radio', { name: /^Production/ }).waitFor();
    expect(grants).toEqual(['refresh_token']);
    expect(bearers.size).toBe(1);
  });

  it('tells who may do nothing so, in the service\'s words', async () => {
    await signIn('stranger');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/stranger@tenant\.example/);
    await page.getByText('stranger@tenant.example', { exact: true }).waitFor();
  });

  it('takes no answer that it did not ask for', async () => {
    await page.goto(`${service.url}/#code=stolen&state=unknown`);
    await page.getByText('This sign-in was not begun in this tab.').waitFor();
    expect(page.url()).toBe(`${service.url}/`);
  });

  it('asks again when the service does not take the token any more', async () => {
    await signIn('ada', '#/jobs');
    await page.getByText('There is no job yet.').waitFor();
    await context.route('**/jobs?*', (route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"code":"unauthenticated","title":"Nobody is signed in","detail":"It has ended."}' }));
    await page.getByText('The service did not accept your sign-in any more.').waitFor();
    await page.getByRole('button', { name: 'Sign in with Microsoft Entra ID' }).waitFor();
  });
});
