import { resourceServer } from './provider.js';
import type { Providers } from './server.js';

/** A token that somebody wishes for without signing in. Ids are in lower case. */
export interface TokenRequest {
  readonly tenantId: string;
  /** Object id of the user, or client id of the application, that it is about. */
  readonly principal: { readonly user: string } | { readonly application: string };
  /** An application (client) id. */
  readonly audience: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** An access token as the flows give it: a user's is given to the audience's own application. */
export async function issueToken(providers: Providers, { tenantId, principal, audience, expiresIn }: TokenRequest): Promise<string> {
  const provider = await providers.of(tenantId);
  const client = await provider.Client.find('user' in principal ? audience : principal.application);
  if (client === undefined) throw new Error(`the tenant has no application ${audience}`);
  const resource = `api://${audience}`;
  const common = { client, expiresIn, resourceServer: new provider.ResourceServer(resource, resourceServer(resource)) };
  const token = 'user' in principal ? new provider.AccessToken({ ...common, accountId: principal.user, grantId: '', gty: '' }) : new provider.ClientCredentials(common);
  return token.save();
}
