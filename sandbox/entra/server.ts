import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Federation } from './federation.js';
import { signInPage, textPage } from './pages.js';
import { authorityHost, tenantProvider, type EntraState } from './provider.js';
import { findUser } from './tenant.js';

/** Below this path it answers on loopback; under its own name it answers at the root, as Entra does. */
const loopbackPath = '/entra';

const tenantPath = /^\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\/.*)$/i;

/** The tenants' OpenID providers, by tenant, with the keys that they were made with. */
export class Providers {
  readonly #made = new Map<string, { readonly keys: string; readonly provider: Promise<Provider> }>();

  constructor(private readonly state: EntraState) {}

  /** The library takes its keys once, so that other keys mean another provider; what flows have left behind is kept apart from it. */
  of(tenantId: string): Promise<Provider> {
    const keys = this.state.keys.published().map(({ kid }) => kid).join();
    const made = this.#made.get(tenantId);
    if (made?.keys === keys) return made.provider;
    const provider = tenantProvider(this.state, tenantId);
    this.#made.set(tenantId, { keys, provider });
    return provider;
  }
}

/** Serves `/TENANT/…` as Entra does, and the same below `/entra`. It does not listen yet: whoever ends TLS under Entra's name hands it connections. @param federation answers clients with an assertion; without it they are refused */
export function entraServer(state: EntraState, providers: Providers, federation?: Federation): Server {
  return createServer((request, response) => {
    answer(state, providers, federation, request, response).catch((error: unknown) => {
      process.stderr.write(`entra: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      if (!response.headersSent) send(response, 500, { error: 'server_error', error_description: error instanceof Error ? error.message : String(error) });
    });
  });
}

async function answer(state: EntraState, providers: Providers, federation: Federation | undefined, request: IncomingMessage & { originalUrl?: string }, response: ServerResponse): Promise<void> {
  const full = request.url ?? '/';
  const mount = full.startsWith(`${loopbackPath}/`) ? loopbackPath : '';
  const url = new URL(full.slice(mount.length), `https://${authorityHost}`);
  if (url.pathname === '/common/discovery/instance') return send(response, 200, instanceDiscovery(url.searchParams.get('authorization_endpoint') ?? ''));
  const [, tenant = '', path = ''] = tenantPath.exec(url.pathname) ?? [];
  if (tenant === '') return send(response, 400, { error: 'invalid_tenant', error_description: `AADSTS90002: Tenant '${url.pathname.split('/')[1] ?? ''}' not found. The sandbox knows tenants by their id only.` });
  const tenantId = tenant.toLowerCase();
  const provider = await providers.of(tenantId);
  if (path.startsWith('/login/')) return signIn(state, tenantId, provider, request, response);
  // The library builds the addresses that it tells from these.
  delete request.headers['x-forwarded-host'];
  request.headers['x-forwarded-proto'] = request.headers.host === authorityHost ? 'https' : 'http';
  request.url = libraryPath(path) + withOfflineAccess(path, url).search;
  request.originalUrl = `${mount}/${tenant}${request.url}`;
  if (path === '/oauth2/v2.0/token') {
    const form = await readForm(request);
    if (federation !== undefined && form.has('client_assertion')) {
      const { status, body: told } = await federation(tenantId, form);
      return send(response, status, told);
    }
    putBack(request, nameGrantInFull(form));
  }
  await provider.callback()(request, response);
}

/** The library serves its discovery document beside the other paths, Entra below `v2.0`. */
function libraryPath(path: string): string {
  return path === '/v2.0/.well-known/openid-configuration' ? '/.well-known/openid-configuration' : path;
}

/** OpenID Connect grants `offline_access` only where the client wishes for consent besides; Entra asks for consent by itself. */
function withOfflineAccess(path: string, url: URL): URL {
  const prompt = url.searchParams.get('prompt');
  const offline = (url.searchParams.get('scope') ?? '').split(' ').includes('offline_access');
  if (path === '/oauth2/v2.0/authorize' && offline && prompt !== 'none') url.searchParams.set('prompt', [...new Set([...(prompt ?? '').split(' '), 'consent'])].join(' ').trim());
  return url;
}

/** The form of a request, which may be put back for the library to read it. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const length = Number(request.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  for (let received = 0; received < length;) {
    const chunk = request.read() as Buffer | null;
    if (chunk === null) {
      await once(request, 'readable');
      continue;
    }
    received += chunk.length;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function putBack(request: IncomingMessage, form: URLSearchParams): void {
  const body = Buffer.from(form.toString());
  if (body.length === 0) return;
  request.headers['content-length'] = String(body.length);
  request.unshift(body);
}

/** Entra also takes the device grant by its first name, and Microsoft's library for Go, in kubelogin, uses no other: gives it the name that the standard has. */
function nameGrantInFull(form: URLSearchParams): URLSearchParams {
  if (form.get('grant_type') === 'device_code') form.set('grant_type', 'urn:ietf:params:oauth:grant-type:device_code');
  return form;
}

/** What Microsoft's libraries ask before they trust an authority. */
function instanceDiscovery(authorizationEndpoint: string) {
  const tenant = /^https?:\/\/[^/]+\/([^/]+)\//.exec(authorizationEndpoint)?.[1] ?? 'common';
  return {
    tenant_discovery_endpoint: `https://${authorityHost}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: authorityHost, preferred_cache: 'login.windows.net', aliases: [authorityHost, 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'] }],
  };
}

/** Lets somebody say who they are, and goes on with what they were about to do. */
async function signIn({ directories }: EntraState, tenantId: string, provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const tenant = directories.of(tenantId);
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
  if (interaction === undefined) return send(response, 400, textPage('Sign-in failed', 'This sign-in has ended or was begun in another browser. Begin again.'));
  if (request.method !== 'POST') return send(response, 200, signInPage(tenant.displayName, String(interaction.params['client_id']), tenant.users));
  const user = findUser(tenant, new URLSearchParams(await body(request)).get('user') ?? '');
  if (user === undefined) return send(response, 400, textPage('Sign-in failed', 'The directory has no such user.'));
  await provider.interactionFinished(request, response, { login: { accountId: user.id }, consent: {}, select_account: {} });
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Text is a page, all else JSON. */
function send(response: ServerResponse, status: number, content: string | object): void {
  const type = typeof content === 'string' ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type }).end(typeof content === 'string' ? content : JSON.stringify(content));
}
