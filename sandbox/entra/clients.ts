import type { AdapterPayload } from 'oidc-provider';
import { uuidSchema } from '../../model/fields.js';
import { findApplication, type Tenant } from './tenant.js';

/** Where public clients may be sent back to, at any port: what a "mobile and desktop application" of Entra has. */
const loopback = ['http://localhost', 'http://localhost/'];

const interactive = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];

/** An application as the library's client; a spec may name any, so that those which the directory does not know are public clients. Undefined where the id is no UUID. */
export function clientOf(tenant: Tenant, clientId: string): AdapterPayload | undefined {
  const application = findApplication(tenant, clientId);
  if (application === undefined && !uuidSchema.safeParse(clientId).success) return undefined;
  const { displayName = clientId, secret, redirectUris = [] } = application ?? {};
  return {
    client_id: clientId,
    client_name: displayName,
    response_types: ['code'],
    // Entra takes people back after a sign-out to where it takes them after a sign-in.
    post_logout_redirect_uris: redirectUris,
    ...(secret === undefined
      ? { application_type: redirectUris.length === 0 ? 'native' : 'web', token_endpoint_auth_method: 'none', grant_types: interactive, redirect_uris: redirectUris.length === 0 ? loopback : redirectUris }
      : { client_secret: secret, token_endpoint_auth_method: 'client_secret_post', grant_types: [...interactive, 'client_credentials'], redirect_uris: redirectUris.length === 0 ? loopback : redirectUris }),
  };
}
