import { signal } from '@preact/signals';
import * as oauth from 'oauth4webapi';
import { forget, keep, kept, keptRequest, keepRequest } from './kept.js';
import type { Session, SessionState, SignInSettings } from './session.js';

/** Tokens are renewed this long before they end, in milliseconds. */
const renewAheadMs = 120_000;

interface Tokens {
  readonly access: string;
  /** By this machine's clock. */
  readonly endsAt: number;
}

/**
 * Sign-in with Microsoft Entra ID: authorization code with PKCE, as a public client. The access token is in memory alone; the refresh token lasts as long as
 * the tab, so that a reload does not ask again. An answer of Entra's in the address is taken up, and the address is put back.
 */
export async function openEntraSession(settings: SignInSettings): Promise<Session> {
  const client: oauth.Client = { client_id: settings.clientId };
  // Plain HTTP is for an authority on loopback, which stands in for Entra.
  const options = { [oauth.allowInsecureRequests]: settings.authority.startsWith('http:') };
  const home = `${location.origin}/`;
  const state = signal<SessionState>({ kind: 'signed-out', reason: undefined });
  let tokens: Tokens | undefined;
  let renewal: Promise<void> | undefined;
  let known: Promise<oauth.AuthorizationServer> | undefined;

  /** What Entra says of itself; asked for again where it could not be read. */
  function server(): Promise<oauth.AuthorizationServer> {
    known ??= fetch(`${settings.authority}/${settings.tenantId}/v2.0/.well-known/openid-configuration`)
      .then((answer) => oauth.processDiscoveryResponse(new URL(settings.issuer), answer))
      .catch((error: unknown) => {
        known = undefined;
        throw error;
      });
    return known;
  }

  function take(answer: oauth.TokenEndpointResponse): void {
    const claims = oauth.getValidatedIdTokenClaims(answer);
    const before = kept();
    const name = nameOf(claims) ?? before?.name ?? 'signed in';
    tokens = { access: answer.access_token, endsAt: Date.now() + (answer.expires_in ?? 300) * 1000 };
    keep({ name, refreshToken: answer.refresh_token ?? before?.refreshToken, idToken: answer.id_token ?? before?.idToken });
    state.value = { kind: 'signed-in', name };
  }

  async function comeBack(parameters: URLSearchParams): Promise<void> {
    const request = keptRequest();
    history.replaceState(null, '', `/${request?.hash ?? ''}`);
    if (request === undefined) return end('This sign-in was not begun in this tab.');
    try {
      const as = await server();
      const checked = oauth.validateAuthResponse(as, client, parameters, request.state);
      const answer = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), checked, home, request.verifier, options);
      take(await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: request.nonce, requireIdToken: true }));
    } catch (error) {
      end(`Signing in did not work: ${reasonOf(error)}`);
    }
  }

  /** Gets a new token without asking anybody. One at a time: a refresh token is good once. */
  async function renew(): Promise<void> {
    const refreshToken = kept()?.refreshToken;
    if (refreshToken === undefined) return end('Your sign-in has ended.');
    try {
      const as = await server();
      const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, options);
      take(await oauth.processRefreshTokenResponse(as, client, answer));
    } catch (error) {
      // An Entra that cannot be reached takes nothing away: the next call tries again.
      if (error instanceof TypeError) throw new Error('Your sign-in could not be renewed: Microsoft Entra ID does not answer.', { cause: error });
      end(`Your sign-in has ended: ${reasonOf(error)}`);
    }
  }

  function end(reason: string | undefined): void {
    tokens = undefined;
    forget();
    state.value = { kind: 'signed-out', reason };
  }

  const parameters = new URLSearchParams(location.hash.slice(1));
  if (parameters.has('state') && (parameters.has('code') || parameters.has('error'))) await comeBack(parameters);
  else if (kept() !== undefined) await renew().catch((error: unknown) => end(reasonOf(error)));

  return {
    state,
    async token() {
      if (tokens !== undefined && Date.now() < tokens.endsAt - renewAheadMs) return tokens.access;
      if (state.value.kind !== 'signed-in') return undefined;
      renewal ??= renew().finally(() => { renewal = undefined; });
      await renewal;
      return tokens?.access;
    },
    async signIn() {
      const as = await server();
      if (as.authorization_endpoint === undefined) throw new Error('Entra ID names no address to sign in at.');
      const verifier = oauth.generateRandomCodeVerifier();
      const request = { verifier, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), hash: location.hash };
      keepRequest(request);
      const target = new URL(as.authorization_endpoint);
      target.search = new URLSearchParams({
        client_id: settings.clientId, redirect_uri: home, response_type: 'code',
        // Behind the #, so that the code reaches no server and no log but Entra's.
        response_mode: 'fragment',
        scope: `openid profile offline_access ${settings.scope}`, state: request.state, nonce: request.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      }).toString();
      location.assign(target.href);
    },
    async signOut() {
      const idToken = kept()?.idToken;
      end('You are signed out.');
      const { end_session_endpoint: target } = await server();
      if (target === undefined) return;
      const url = new URL(target);
      url.search = new URLSearchParams({ client_id: settings.clientId, post_logout_redirect_uri: home, ...(idToken === undefined ? {} : { id_token_hint: idToken }) }).toString();
      location.assign(url.href);
    },
    lost: end,
  };
}

function nameOf(claims: oauth.IDToken | undefined): string | undefined {
  return [claims?.['preferred_username'], claims?.['name']].find((claim) => typeof claim === 'string');
}

/** What the library or Entra says, without anything of the request. */
function reasonOf(error: unknown): string {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) return error.error_description ?? error.error;
  return error instanceof Error ? error.message : String(error);
}
