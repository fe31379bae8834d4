import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import type { ObjectVersion } from './objects.js';
import { element, type WireRequest, type WireResponse } from './wire.js';

/** What a request is about. */
interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** Path style only: `/bucket/key`. */
export function objectAddress({ url }: WireRequest): Address {
  const [, bucket = '', ...key] = url.pathname.split('/').map(decodeURIComponent);
  return { bucket, key: key.join('/') };
}

/** The action's name in S3's own words, for faults and refusals. */
export function s3Action(request: WireRequest): string {
  const { bucket, key } = objectAddress(request);
  const query = request.url.searchParams;
  const has = (name: string): boolean => query.has(name);
  if (bucket === '') return 'ListBuckets';
  if (key === '') {
    if (request.method === 'GET') return has('versions') ? 'ListObjectVersions' : query.get('list-type') === '2' ? 'ListObjectsV2' : has('versioning') ? 'GetBucketVersioning' : has('location') ? 'GetBucketLocation' : `GET bucket?${query}`;
    if (request.method === 'POST' && has('delete')) return 'DeleteObjects';
    return request.method === 'HEAD' ? 'HeadBucket' : `${request.method} bucket?${query}`;
  }
  const special = [...query.keys()].some((name) => !['versionId', 'x-id'].includes(name)) || request.headers['x-amz-copy-source'] !== undefined || request.headers.range !== undefined;
  const plain: Readonly<Record<string, string>> = { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject', DELETE: 'DeleteObject' };
  return special ? `${request.method} object?${query}` : (plain[request.method] ?? `${request.method} object`);
}

/** S3's objects. Buckets themselves are made by the provider. */
export function s3(cloud: Cloud, request: WireRequest): WireResponse | Promise<WireResponse> {
  const { bucket, key } = objectAddress(request);
  const query = request.url.searchParams;
  const versionId = query.get('versionId') ?? undefined;
  switch (s3Action(request)) {
    case 'GetObject':
    case 'HeadObject':
      return read(cloud, request, { bucket, key }, versionId);
    case 'PutObject':
      return write(cloud, request, { bucket, key });
    case 'DeleteObject': {
      const version = cloud.objects.delete(bucket, key, versionId);
      return { status: 204, headers: version?.deleted === true ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId } : {} };
    }
    case 'DeleteObjects':
      return deleteMany(cloud, request, bucket);
    case 'ListObjectsV2':
      return list(cloud, bucket, query);
    case 'ListObjectVersions':
      return listVersions(cloud, bucket, query);
    case 'HeadBucket':
      cloud.objects.list(bucket);
      return { status: 200, headers: { 'x-amz-bucket-region': cloud.inventory.get('aws:s3/bucket:Bucket', bucket)?.region ?? '' } };
    case 'GetBucketVersioning':
      return xmlAnswer('VersioningConfiguration', cloud.objects.isVersioned(bucket) ? element('Status', 'Enabled') : '');
    default:
      throw new AwsError('NotImplemented', `the sandbox does not imitate s3:${s3Action(request)}`, 501);
  }
}

/** S3 answers errors as XML; a HEAD has no body, so that clients see the status only. */
export function s3Error({ code, message, status }: AwsError): WireResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body: element('Error', element('Code', code) + element('Message', message) + element('RequestId', randomUUID()), 'elements') };
}

function read(cloud: Cloud, { headers }: WireRequest, { bucket, key }: Address, versionId: string | undefined): WireResponse {
  const found = cloud.objects.get(bucket, key, versionId);
  if (found === undefined) throw new AwsError(versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion', `The specified key does not exist: ${key}`, 404);
  if (headers['if-match'] !== undefined && headers['if-match'] !== found.etag) throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  if (headers['if-none-match'] === found.etag) return { status: 304, headers: { etag: found.etag } };
  const metadata = Object.fromEntries(Object.entries(found.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]));
  return {
    status: 200,
    headers: { etag: found.etag, 'content-type': found.contentType, 'content-length': String(found.size), 'last-modified': new Date(found.modifiedAt).toUTCString(), ...versionHeader(found), ...metadata },
    body: Buffer.from(found.body, 'base64'),
  };
}

async function write(cloud: Cloud, { headers, body }: WireRequest, { bucket, key }: Address): Promise<WireResponse> {
  if (headers['if-none-match'] !== undefined && headers['if-none-match'] !== '*') throw new AwsError('NotImplemented', 'the sandbox imitates If-None-Match on writes with the value * only', 501);
  const metadata = Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)]] : [])));
  const chunked = (headers['content-encoding'] ?? '').includes('aws-chunked') || String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const content = chunked ? unchunked(body) : body;
  const options = { contentType: headers['content-type'], metadata, ifMatch: headers['if-match'], ...(headers['if-none-match'] === '*' ? { ifNoneMatch: '*' as const } : {}) };
  const conditional = options.ifMatch !== undefined || options.ifNoneMatch !== undefined;
  const version = conditional ? await cloud.objects.putConditionally(bucket, key, content, options) : cloud.objects.put(bucket, key, content, options);
  return { status: 200, headers: { etag: version.etag, ...versionHeader(version) } };
}

/** Undoes `aws-chunked`: chunks of `size[;chunk-signature=…]\r\n data \r\n`, then trailers with the checksum. */
function unchunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let position = 0; ; ) {
    const end = body.indexOf('\r\n', position);
    const size = Number.parseInt(body.subarray(position, end).toString('latin1'), 16);
    if (end < 0 || !(size > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + size));
    position = end + 2 + size + 2;
  }
}

function deleteMany(cloud: Cloud, request: WireRequest, bucket: string): WireResponse {
  const wanted = [...request.body.toString('utf8').matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, content = '']) => ({
    key: unescaped(/<Key>(.*?)<\/Key>/s.exec(content)?.[1] ?? ''),
    versionId: /<VersionId>(.*?)<\/VersionId>/s.exec(content)?.[1],
  }));
  const deleted = wanted.map(({ key, versionId }) => {
    cloud.objects.delete(bucket, key, versionId);
    return element('Deleted', element('Key', key) + element('VersionId', versionId), 'elements');
  });
  return xmlAnswer('DeleteResult', deleted.join(''));
}

function unescaped(content: string): string {
  return content.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
}

function list(cloud: Cloud, bucket: string, query: URLSearchParams): WireResponse {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const all = cloud.objects.list(bucket, prefix).filter(({ key }) => key > after);
  const common = new Set<string>();
  const direct = all.filter(({ key }) => {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut >= 0) common.add(key.slice(0, cut + delimiter.length));
    return cut < 0;
  });
  const page = direct.slice(0, most);
  const truncated = direct.length > page.length;
  return xmlAnswer(
    'ListBucketResult',
    element('Name', bucket) +
      element('Prefix', prefix) +
      element('KeyCount', page.length + common.size) +
      element('MaxKeys', most) +
      element('IsTruncated', truncated) +
      element('NextContinuationToken', truncated ? page.at(-1)?.key : undefined) +
      page.map((version) => element('Contents', summary(version), 'elements')).join('') +
      [...common].map((one) => element('CommonPrefixes', element('Prefix', one), 'elements')).join(''),
  );
}

function listVersions(cloud: Cloud, bucket: string, query: URLSearchParams): WireResponse {
  const prefix = query.get('prefix') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const all = cloud.objects.versions(bucket, prefix);
  const [keyMarker, versionMarker] = [query.get('key-marker'), query.get('version-id-marker')];
  const start = keyMarker === null ? 0 : all.findIndex((version) => version.key > keyMarker || (version.key === keyMarker && version.versionId === versionMarker)) + (versionMarker === null ? 0 : 1);
  const page = all.slice(start, start + most);
  const truncated = start + most < all.length;
  return xmlAnswer(
    'ListVersionsResult',
    element('Name', bucket) +
      element('Prefix', prefix) +
      element('MaxKeys', most) +
      element('IsTruncated', truncated) +
      element('NextKeyMarker', truncated ? page.at(-1)?.key : undefined) +
      element('NextVersionIdMarker', truncated ? page.at(-1)?.versionId : undefined) +
      page
        .map((version) => element(version.deleted ? 'DeleteMarker' : 'Version', summary(version) + element('VersionId', version.versionId) + element('IsLatest', cloud.objects.isLatest(version)), 'elements'))
        .join(''),
  );
}

function summary(version: ObjectVersion): string {
  const common = element('Key', version.key) + element('LastModified', new Date(version.modifiedAt).toISOString());
  return version.deleted ? common : common + element('ETag', version.etag) + element('Size', version.size) + element('StorageClass', 'STANDARD');
}

function versionHeader(version: ObjectVersion): Record<string, string> {
  return version.versionId === 'null' ? {} : { 'x-amz-version-id': version.versionId };
}

function xmlAnswer(root: string, content: string): WireResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>` };
}
