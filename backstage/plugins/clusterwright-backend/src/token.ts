import { allowInsecureRequests, clientCredentialsGrant, ClientSecretPost, Configuration } from 'openid-client';
import type { EntraSettings } from './settings';

/** A token is not used in its last minute, so that a request that is on its way arrives with a good one. */
const spareMs = 60_000;

/**
 * Access tokens by the client credentials of an application: each is kept until shortly before its end, and asked for once however many wait for it.
 * @returns gives a token that is good now; rejects where Entra refuses or does not answer
 */
export function entraTokens(settings: EntraSettings, now: () => number = Date.now): () => Promise<string> {
  const configuration = configurationOf(settings);
  let held: { readonly token: string; readonly goodUntilMs: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    const answer = await clientCredentialsGrant(configuration, { scope: settings.scope }).catch((error: unknown) => {
      throw new Error(`Entra gave no token for the application ${settings.clientId} (${reasonOf(error)}): look at clusterwright.entra in app-config.yaml`);
    });
    held = { token: answer.access_token, goodUntilMs: now() + (answer.expiresIn() ?? 0) * 1000 - spareMs };
    return answer.access_token;
  }

  return async () => {
    if (held !== undefined && held.goodUntilMs > now()) return held.token;
    asking ??= ask().finally(() => { asking = undefined; });
    return asking;
  };
}

/** The tenant's endpoint is known, so nothing is looked up. */
function configurationOf({ authority, tenantId, clientId, clientSecret }: EntraSettings): Configuration {
  const configuration = new Configuration(
    { issuer: `${authority}/${tenantId}/v2.0`, token_endpoint: `${authority}/${tenantId}/oauth2/v2.0/token` }, clientId, undefined, ClientSecretPost(clientSecret));
  // A stand-in for Entra on this machine has no TLS.
  if (new URL(authority).hostname === '127.0.0.1') allowInsecureRequests(configuration);
  return configuration;
}

/** What the token endpoint said: its code and text, which have no secret in them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const description = 'error_description' in error && typeof error.error_description === 'string' ? error.error_description : '';
  return [error.message, description].filter((part) => part !== '').join(': ');
}
