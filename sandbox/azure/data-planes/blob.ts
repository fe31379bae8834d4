import { flag, text } from '../../provider/properties.js';
import type { Item } from '../../inventory/item.js';
import { element } from '../../xml.js';
import { AzureError } from '../errors.js';
import * as tokens from '../types/tokens.js';
import { allows, type DataDeed } from './authorisation.js';
import type { Blob } from './blobs.js';
import type { DataPlanes } from './data-planes.js';
import { shutOut } from './network-access.js';
import { header, type WireRequest, type WireResponse } from './wire.js';

/** For whom tokens must be. */
const audience = 'https://storage.azure.com';
const actions = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
const longestPage = 5000;

export type BlobDeed = 'GetBlob' | 'GetBlobProperties' | 'PutBlob' | 'DeleteBlob' | 'ListBlobs';

interface Target {
  readonly deed: BlobDeed;
  readonly account: string;
  readonly container: string;
  readonly blob: string;
}

/** Reads `/ACCOUNT/CONTAINER[/BLOB]`. @throws AzureError for what is not imitated */
export function blobTarget({ method, path, query }: Pick<WireRequest, 'method' | 'path' | 'query'>): Target {
  const [, account = '', container = '', blob = ''] = /^\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const ofContainer = query.get('restype') === 'container' && query.get('comp') === 'list' && method === 'GET' ? 'ListBlobs' : undefined;
  const ofBlob = query.has('comp') ? undefined : ({ GET: 'GetBlob', HEAD: 'GetBlobProperties', PUT: 'PutBlob', DELETE: 'DeleteBlob' } as const)[method];
  const deed = blob === '' ? ofContainer : ofBlob;
  if (deed === undefined) throw new AzureError('UnsupportedHttpVerb', `the sandbox does not imitate ${method} ${path}?${query.toString()} of Blob Storage`, 405);
  return { deed, account, container, blob: decodeURIComponent(blob) };
}

/** Block blobs with conditional requests: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations */
export function blob(planes: DataPlanes, request: WireRequest): WireResponse {
  const target = blobTarget(request);
  const account = planes.cloud.inventory.ofType(tokens.storageAccount).find(({ outputs }) => text(outputs, 'name') === target.account);
  if (account === undefined) throw new AzureError('ResourceNotFound', `getaddrinfo ENOTFOUND ${target.account}.blob.core.windows.net`, 404);
  const container = planes.cloud.inventory.ofType(tokens.blobContainer).find(({ id }) => id.toLowerCase() === `${account.id}/blobServices/default/containers/${target.container}`.toLowerCase());
  requireAccess(planes, { account, container }, target, request);
  if (container === undefined) throw new AzureError('ContainerNotFound', 'The specified container does not exist.', 404);
  const existing = planes.blobs.get(container.id, target.blob);
  switch (target.deed) {
    case 'ListBlobs':
      return list(planes, container, request);
    case 'GetBlob':
    case 'GetBlobProperties': {
      if (existing === undefined) throw new AzureError('BlobNotFound', 'The specified blob does not exist.', 404);
      if (header(request, 'if-none-match') === quoted(existing)) return { status: 304, headers: { etag: quoted(existing) } };
      requireMatch(request, existing);
      const body = Buffer.from(existing.body, 'base64');
      return { status: 200, headers: { ...headersOf(existing), 'content-type': existing.contentType, 'content-length': String(body.length) }, body };
    }
    case 'PutBlob': {
      if (header(request, 'x-ms-blob-type') !== 'BlockBlob') throw new AzureError('MissingRequiredHeader', 'An HTTP header that\'s mandatory for this request is not specified: x-ms-blob-type.', 400);
      if (existing !== undefined && header(request, 'if-none-match') === '*') throw new AzureError('BlobAlreadyExists', 'The specified blob already exists.', 409);
      requireMatch(request, existing);
      const stored = planes.blobs.put(container.id, target.blob, request.body, header(request, 'x-ms-blob-content-type') ?? header(request, 'content-type') ?? 'application/octet-stream');
      return { status: 201, headers: headersOf(stored) };
    }
    case 'DeleteBlob':
      if (existing === undefined) throw new AzureError('BlobNotFound', 'The specified blob does not exist.', 404);
      requireMatch(request, existing);
      planes.blobs.delete(container.id, target.blob);
      return { status: 202 };
  }
}

/** Tokens decide, and who may come over the network; single blobs of a public container may be read by anybody. */
function requireAccess({ cloud, tokens: known, subnetsOf }: DataPlanes, { account, container }: { account: Item; container: Item | undefined }, target: Target, request: WireRequest): void {
  const authorization = header(request, 'authorization');
  const reads = target.deed === 'GetBlob' || target.deed === 'GetBlobProperties';
  if (authorization === undefined) {
    const open = reads && flag(account.outputs, 'allowBlobPublicAccess') && text(container?.outputs ?? {}, 'publicAccess') === 'Blob';
    if (open) return;
    throw flag(account.outputs, 'allowBlobPublicAccess') ? new AzureError('ResourceNotFound', 'The specified resource does not exist.', 404) : new AzureError('PublicAccessNotPermitted', 'Public access is not permitted on this storage account.', 409);
  }
  const caller = known.holderOf(authorization, audience);
  if (caller === undefined) throw new AzureError('InvalidAuthenticationInfo', 'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.', 401);
  if (header(request, 'x-ms-version') === undefined) throw new AzureError('MissingRequiredHeader', 'An HTTP header that\'s mandatory for this request is not specified: x-ms-version.', 400);
  if (shutOut(cloud, account, caller.machine === null ? undefined : subnetsOf(caller.machine)) !== undefined) throw new AzureError('AuthorizationFailure', 'This request is not authorized to perform this operation.', 403);
  if (!allows(cloud, caller.principalId, deedOf(account, target, request))) throw new AzureError('AuthorizationPermissionMismatch', 'This request is not authorized to perform this operation using this permission.', 403);
}

/** What a blob's reader, writer or remover does, as role assignments and their conditions name it. */
function deedOf(account: Item, { deed, container, blob: name }: Target, request: WireRequest): DataDeed {
  const resource = `${account.id}/blobServices/default/containers/${container}`;
  switch (deed) {
    case 'ListBlobs':
      return { action: `${actions}/read`, resource, subOperation: 'Blob.List', attributes: { [`@Request[${actions}:prefix]`]: request.query.get('prefix') ?? '' } };
    case 'GetBlob':
    case 'GetBlobProperties':
      return { action: `${actions}/read`, resource, attributes: { [`@Resource[${actions}:path]`]: name } };
    case 'PutBlob':
      return { action: `${actions}/write`, resource, attributes: { [`@Resource[${actions}:path]`]: name } };
    case 'DeleteBlob':
      return { action: `${actions}/delete`, resource, attributes: { [`@Resource[${actions}:path]`]: name } };
  }
}

function requireMatch(request: WireRequest, existing: Blob | undefined): void {
  const wanted = header(request, 'if-match');
  if (wanted === undefined || (wanted === '*' ? existing !== undefined : existing !== undefined && wanted === quoted(existing))) return;
  throw new AzureError('ConditionNotMet', 'The condition specified using HTTP conditional header(s) is not met.', 412);
}

function list({ blobs }: DataPlanes, container: Item, { query }: WireRequest): WireResponse {
  const found = blobs.list(container.id, query.get('prefix') ?? '');
  const from = Number(query.get('marker') ?? '0') || 0;
  const size = Math.min(Number(query.get('maxresults') ?? longestPage) || longestPage, longestPage);
  const page = found.slice(from, from + size).map((one) => element('Blob', element('Name', one.name) + element('Properties',
    element('Last-Modified', new Date(one.modifiedAt).toUTCString()) + element('Etag', one.etag) + element('Content-Length', Buffer.byteLength(one.body, 'base64')) + element('Content-Type', one.contentType) + element('BlobType', 'BlockBlob'), 'elements'), 'elements'));
  const next = from + size < found.length ? String(from + size) : '';
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="utf-8"?>${element('EnumerationResults', element('Blobs', page.join(''), 'elements') + element('NextMarker', next), 'elements')}` };
}

function headersOf(stored: Blob): Record<string, string> {
  return { etag: quoted(stored), 'last-modified': new Date(stored.modifiedAt).toUTCString(), 'x-ms-blob-type': 'BlockBlob' };
}

function quoted({ etag }: Blob): string {
  return `"${etag}"`;
}

/** A refusal as Blob Storage words it: the code in a header, too. */
export function blobError({ code, message, status }: AzureError): WireResponse {
  return { status, headers: { 'content-type': 'application/xml', 'x-ms-error-code': code }, body: `<?xml version="1.0" encoding="utf-8"?>${element('Error', element('Code', code) + element('Message', message), 'elements')}` };
}
