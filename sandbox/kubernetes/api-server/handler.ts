import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json.js';
import type { ClusterApi } from './cluster-api.js';
import { deleteObject } from './deletion.js';
import { discovery, versionInfo } from './discovery.js';
import { evict } from './eviction.js';
import { authenticate, authorize, type Identity } from './identity.js';
import { apiVersionOf } from './kinds.js';
import { getObject, listObjects } from './reads.js';
import { parseTarget, type RequestTarget } from './request-target.js';
import { fieldSelection, labelSelection, type Selection } from './selectors.js';
import { badRequest, methodNotAllowed, noSuchResource, unsupportedMediaType } from './status-error.js';
import { applyObject, createObject, mergeObject, replaceObject, type WriteRequest } from './writes.js';

/** An answer: text for the health paths, JSON otherwise. */
export interface Answer {
  status: number;
  body: string | JsonRecord;
}

/** Paths that answer without a client certificate. */
const healthPaths = new Set(['/livez', '/readyz', '/healthz']);
const bodyLimit = 3 * 1024 * 1024;

/** Answers one request. @throws StatusError for everything that goes wrong. */
export async function answer(api: ClusterApi, release: string, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'https://api');
  const method = request.method ?? 'GET';
  if (healthPaths.has(url.pathname) && method === 'GET') return { status: 200, body: 'ok' };
  const identity = authenticate(request.socket, api.context.now());
  authorize(identity, method.toLowerCase(), url.pathname);
  const text = method === 'GET' ? '' : await readBody(request);
  api.settle();
  if (method === 'GET' && url.pathname === '/version') return { status: 200, body: versionInfo(release) };
  const path = url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent);
  const document = method === 'GET' ? discovery(api.context.kinds.all(), path) : undefined;
  if (document !== undefined) return { status: 200, body: document };
  const answered = onResource(api, parseTarget(api.context.kinds, path), method, url.searchParams, text, { request, identity });
  if (method !== 'GET') api.settle();
  return answered;
}

function onResource(api: ClusterApi, target: RequestTarget, method: string, query: URLSearchParams, text: string, { request, identity }: { request: IncomingMessage; identity: Identity }): Answer {
  const { context } = api;
  const { kind, namespace, name } = target;
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  const dryRun = query.get('dryRun') === 'All';
  const write: WriteRequest = { ...target, name, namespace, manager: query.get('fieldManager') ?? agent, dryRun, subresource: target.subresource, identity };
  if (target.subresource === 'eviction' && method !== 'POST') throw methodNotAllowed('the server does not allow this method on the requested resource');
  switch (method) {
    case 'GET':
      if (query.get('watch') === 'true' || query.get('watch') === '1') throw methodNotAllowed('watch is not served by the simulated API server; poll instead');
      return { status: 200, body: name === undefined ? list(api, target, query) : getObject(context, kind, namespace, name) };
    case 'POST': {
      if (target.subresource === 'eviction') return { status: 201, body: evict(context, write, parseBody(text)) };
      if (name !== undefined) throw methodNotAllowed('the server does not allow this method on the requested resource');
      const body = parseBody(text);
      // POST to the path without a namespace is not served for namespaced kinds.
      if (kind.namespaced && namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
      return { status: 201, body: createObject(context, write, body).object };
    }
    case 'PUT':
      requireName(name);
      return { status: 200, body: replaceObject(context, write, parseBody(text)).object };
    case 'PATCH': {
      requireName(name);
      const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
      switch (type) {
        case 'application/apply-patch+yaml':
        case 'application/apply-patch+json': {
          if (query.get('fieldManager') === null) throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
          const { object, created } = applyObject(context, write, parseBody(text), query.get('force') === 'true');
          return { status: created ? 201 : 200, body: object };
        }
        case 'application/merge-patch+json':
          return { status: 200, body: mergeObject(context, write, parseBody(text)).object };
        default:
          throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: application/merge-patch+json, application/apply-patch+yaml (not ${type ?? 'none'})`);
      }
    }
    case 'DELETE': {
      if (target.subresource !== undefined) throw methodNotAllowed('the server does not allow this method on the requested resource');
      const body = text === '' ? {} : parseBody(text);
      const options = { propagation: stringAt(body, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined, preconditions: recordAt(body, 'preconditions'), dryRun };
      if (name === undefined) {
        const { items } = listObjects(context, kind, namespace, selection(query));
        for (const item of items) deleteObject(context, { kind, namespace: item.metadata.namespace, name: item.metadata.name, ...options });
        return { status: 200, body: list(api, target, query) };
      }
      const held = deleteObject(context, { kind, namespace, name, ...options });
      return { status: 200, body: held ?? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, group: kind.group, kind: kind.plural } } };
    }
    default:
      throw methodNotAllowed('the server does not allow this method on the requested resource');
  }
}

function list(api: ClusterApi, { kind, namespace }: RequestTarget, query: URLSearchParams): JsonRecord {
  const page = listObjects(api.context, kind, namespace, selection(query), Number(query.get('limit') ?? 0), query.get('continue') ?? undefined);
  const more = page.continueToken === undefined ? {} : { continue: page.continueToken, remainingItemCount: page.remaining };
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: { resourceVersion: String(api.context.table.version), ...more }, items: page.items };
}

function selection(query: URLSearchParams): Selection {
  const byLabel = labelSelection(query.get('labelSelector') ?? '');
  const byField = fieldSelection(query.get('fieldSelector') ?? '');
  return (object) => byLabel(object) && byField(object);
}

function requireName(name: string | undefined): asserts name is string {
  if (name === undefined) throw noSuchResource();
}

/** JSON, or YAML as apply patches may be. */
function parseBody(text: string): JsonRecord {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    try {
      body = parseYaml(text);
    } catch {
      throw badRequest('the body of the request is neither JSON nor YAML');
    }
  }
  if (!isRecord(body)) throw badRequest('the body of the request is not an object');
  return body;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw badRequest(`the body of the request is larger than ${bodyLimit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
