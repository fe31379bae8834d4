import { randomBytes } from 'node:crypto';
import type { AccessToken, ClientCredentials, Configuration, JWTStructured, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Artifacts } from './artifacts.js';
import { principalClaims, subject, type Principal } from './claims.js';
import { clientOf } from './clients.js';
import type { Directories } from './directories.js';
import type { SigningKeys } from './keys.js';
import { formPage, textPage } from './pages.js';
import { findApplication, findUser, type Tenant } from './tenant.js';

/** Where Entra ID of the public cloud answers, and the host of every issuer. */
export const authorityHost = 'login.microsoftonline.com';

/** How long a token is valid that nobody wished otherwise, seconds. Entra's are between 60 and 90 minutes. */
export const tokenSeconds = 3600;

/** What the tenants of one sandbox share. */
export interface EntraState {
  readonly directories: Directories;
  readonly keys: SigningKeys;
  readonly artifacts: Artifacts;
}

/** Keys for cookies: who was signed in has to do it again after a restart. */
const cookieKeys = [randomBytes(32).toString('base64url')];

/** The OpenID provider of a tenant, with the keys of now, to be mounted at its path. */
export async function tenantProvider({ directories, keys, artifacts }: EntraState, tenantId: string): Promise<Provider> {
  // Loaded when it is needed: most sandboxes are never asked for a token.
  const { Provider: OpenIdProvider, interactionPolicy } = await import('oidc-provider');
  const tenant = () => directories.of(tenantId);
  const policy = interactionPolicy.base();
  // Clients may wish for consent, but all is granted without asking; what MSAL wishes for is the choice of an account.
  policy.get('consent')?.checks.clear();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }));
  const configuration: Configuration = {
    jwks: { keys: [...keys.published()] },
    adapter: (kind) => ({ ...artifacts.adapter(tenantId, kind), ...(kind === 'Client' ? { find: async (id: string) => clientOf(tenant(), id) } : {}) }),
    cookies: { keys: cookieKeys },
    routes: {
      authorization: '/oauth2/v2.0/authorize', token: '/oauth2/v2.0/token', device_authorization: '/oauth2/v2.0/devicecode', end_session: '/oauth2/v2.0/logout',
      jwks: '/discovery/v2.0/keys', code_verification: '/oauth2/deviceauth',
    },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub', 'ver', 'tid', 'groups', 'roles'], profile: ['oid', 'name', 'preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    clientBasedCORS: () => true,
    ttl: { AccessToken: tokenSeconds, ClientCredentials: tokenSeconds, IdToken: tokenSeconds, AuthorizationCode: 600, DeviceCode: 900, Interaction: 3600, Session: 86_400, Grant: 90 * 86_400, RefreshToken: 90 * 86_400 },
    interactions: { policy, url: (ctx, { uid }) => new URL(`../../login/${uid}`, ctx.oidc.urlFor('authorization')).pathname },
    findAccount: (ctx, id) => {
      const user = findUser(tenant(), id);
      return user && { accountId: user.id, claims: () => ({ sub: user.id, email: user.userPrincipalName, ...principalClaims(tenantId, { user }, audienceOf(ctx)) }) };
    },
    loadExistingGrant: consent,
    issueRefreshToken: (_ctx, client, source) => client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    formats: { customizers: { jwt: (_ctx, token, parts) => dress(tenantId, tenant(), token, parts) } },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => oneOf?.[0] ?? resourceOf(ctx.oidc.params?.['scope']),
        getResourceServerInfo: (_ctx, resource) => resourceServer(resource),
      },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) => show(ctx, formPage('Sign in on a device', error === undefined ? 'Enter the code that the device shows.' : 'There is no such code, or it has ended. Enter the code that the device shows.', form)),
        userCodeConfirmSource: (ctx, form, client, _device, userCode) => show(ctx, formPage('Sign in on a device', `Go on if ${client.clientName ?? client.clientId} shows ${userCode}.`, form)),
        successSource: (ctx) => show(ctx, textPage('Signed in', 'You are signed in on the device. You can close this page.')),
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, formPage('Sign out', 'Sign out of the sandbox?', `${form}<input type="hidden" name="logout" value="yes" form="op.logoutForm">`)),
        postLogoutSuccessSource: (ctx) => show(ctx, textPage('Signed out', 'You are signed out.')),
      },
    },
    renderError: (ctx, { error, error_description: description }) => show(ctx, textPage('Sign-in failed', `${error}: ${description ?? ''}`)),
  };
  const provider = new OpenIdProvider(`https://${authorityHost}/${tenantId}/v2.0`, configuration);
  // How it was reached is said by the server in front of it.
  provider.proxy = true;
  provider.on('device_authorization.success', (_ctx, body) => {
    Object.assign(body, { interval: 5, message: `To sign in, use a web browser to open the page ${String(body['verification_uri'])} and enter the code ${String(body['user_code'])} to authenticate.` });
  });
  provider.on('server_error', (_ctx, error) => process.stderr.write(`entra: ${error.stack ?? error.message}\n`));
  return provider;
}

/** The resource that scopes of the form `RESOURCE/PERMISSION` name: a client id or `api://` with one. v2.0 has no parameter for it. */
function resourceOf(scope: unknown): string | undefined {
  const named = typeof scope === 'string' ? /(?:^| )(?:api:\/\/)?([0-9a-f-]{36})\/\S+/i.exec(scope)?.[1] : undefined;
  return named === undefined ? undefined : `api://${named.toLowerCase()}`;
}

/** The resource of an application, `api://ID`. Its tokens are signed, and of version 2. */
export function resourceServer(resource: string) {
  const audience = resource.replace('api://', '');
  const permissions = ['.default', 'user_impersonation'];
  return { audience, scope: permissions.flatMap((permission) => [`${audience}/${permission}`, `api://${audience}/${permission}`]).join(' '), accessTokenFormat: 'jwt' as const };
}

/** Grants all that is asked for. */
async function consent({ oidc }: KoaContextWithOIDC) {
  const { client, account, provider } = oidc;
  if (client === undefined || account === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
  for (const [resource, { scope }] of Object.entries(oidc.resourceServers ?? {})) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** Gives an access token the claims and the form of Entra's. */
function dress(tenantId: string, tenant: Tenant, token: AccessToken | ClientCredentials, parts: JWTStructured): void {
  const { iss, iat, exp, jti } = parts.payload;
  const clientId = token.clientId ?? '';
  const audience = String(token.aud);
  const principal = principalOf(tenant, token, clientId);
  const permissions = (token.scope ?? '').split(' ').map((scope) => scope.split('/').at(-1)).filter((name) => name !== '.default' && name !== '');
  parts.header = { typ: 'JWT' };
  parts.payload = {
    aud: audience, iss, iat, nbf: iat, exp, azp: clientId, azpacr: findApplication(tenant, clientId)?.secret === undefined ? '0' : '1',
    ...('user' in principal ? { scp: permissions.join(' ') || 'user_impersonation' } : {}),
    ...principalClaims(tenantId, principal, audience),
    sub: subject(principal, audience), uti: jti,
  };
}

function principalOf(tenant: Tenant, token: AccessToken | ClientCredentials, clientId: string): Principal {
  if (token.kind === 'ClientCredentials') {
    const application = findApplication(tenant, clientId);
    if (application === undefined) throw new Error(`the tenant has no application ${clientId}`);
    return { application };
  }
  const user = findUser(tenant, token.accountId);
  if (user === undefined) throw new Error(`the tenant has no user ${token.accountId}`);
  return { user };
}

/** ID tokens are for the client itself. */
function audienceOf({ oidc }: KoaContextWithOIDC): string {
  return oidc.client?.clientId ?? '';
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html';
  ctx.body = html;
}
