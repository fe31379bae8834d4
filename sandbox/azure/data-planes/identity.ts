import { serviceIdentity } from '../cloud.js';
import { AzureError } from '../errors.js';
import type { Tokens } from './tokens.js';
import { header, json, type WireRequest, type WireResponse } from './wire.js';

/** What the caller proves that it runs where the identity belongs. */
export const identityHeader = 'sandbox';

/** The token endpoint of a managed identity, the service's own: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
export function serviceToken(tokens: Tokens, request: WireRequest): WireResponse {
  if (header(request, 'x-identity-header') !== identityHeader) throw new AzureError('Unauthorized', 'The header X-IDENTITY-HEADER is missing or wrong.', 401);
  const resource = request.query.get('resource');
  if (resource === null || request.query.get('api-version') !== '2019-08-01') throw new AzureError('BadRequest', 'resource and api-version=2019-08-01 are required.');
  const { clientId, objectId } = serviceIdentity;
  const asked = request.query.get('client_id');
  if (asked !== null && asked !== clientId) throw new AzureError('BadRequest', `No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId: ${asked}.`);
  const { token, expiresOn } = tokens.give({ principalId: objectId, clientId, machine: null }, resource);
  return json(200, { access_token: token, client_id: clientId, expires_on: String(expiresOn), resource, token_type: 'Bearer' });
}
