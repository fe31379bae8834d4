import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Item } from '../../inventory/item.js';
import { text } from '../../provider/properties.js';
import { nameOf } from '../ids.js';
import { addressOf, hostNameOf, identitiesOf, machineNamed, zoneNumberOf } from '../machines.js';
import type { DataPlanes } from './data-planes.js';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The metadata service of one machine: what it is, and tokens of its managed identity. https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service */
export function instanceMetadataService(planes: DataPlanes, machine: string): Server {
  return createServer((incoming, outgoing) => {
    const { status, body } = answer(planes, machine, incoming);
    outgoing.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

function answer(planes: DataPlanes, id: string, { method, url = '', headers }: IncomingMessage): Answer {
  const { pathname, searchParams } = new URL(url, 'http://169.254.169.254');
  // Both keep a server that was tricked into a request from getting a token.
  if (method !== 'GET' || headers['metadata'] !== 'true' || headers['x-forwarded-for'] !== undefined) return bad('Required metadata header not specified');
  const item = machineNamed(planes.cloud, id);
  if (item === undefined || !searchParams.has('api-version')) return bad('Bad request. api-version was not specified in the request');
  switch (pathname) {
    case '/metadata/instance/compute':
      return { status: 200, body: compute(item) };
    case '/metadata/instance/network/interface/0/ipv4/ipAddress/0/privateIpAddress':
      return searchParams.get('format') === 'text' ? { status: 200, body: addressOf(planes.cloud, item) } : bad('The sandbox knows this leaf as text only');
    case '/metadata/identity/oauth2/token':
      return token(planes, item, searchParams.get('resource'));
    default:
      return { status: 404, body: { error: 'Not found' } };
  }
}

function compute(item: Item): unknown {
  return { name: nameOf(item.id), resourceId: item.id, location: item.region, zone: zoneNumberOf(item), osProfile: { computerName: hostNameOf(item) } };
}

/** With one identity there is no need to name it; with several there is, and the sandbox does not imitate that. */
function token({ cloud, tokens }: DataPlanes, item: Item, resource: string | null): Answer {
  const [identity, ...others] = identitiesOf(cloud, item);
  if (resource === null) return bad('Invalid resource');
  if (identity === undefined) return bad('Identity not found');
  if (others.length > 0) return bad('Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request');
  const clientId = text(identity.outputs, 'clientId') ?? '';
  const given = tokens.give({ principalId: text(identity.outputs, 'principalId') ?? '', clientId, machine: item.id }, resource);
  return { status: 200, body: { access_token: given.token, client_id: clientId, expires_on: String(given.expiresOn), resource, token_type: 'Bearer' } };
}

function bad(description: string): Answer {
  return { status: 400, body: { error: 'invalid_request', error_description: description } };
}
