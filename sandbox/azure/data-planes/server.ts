import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Denied, Struck, Throttled, type Requests } from '../../requests.js';
import { AzureError } from '../errors.js';
import { blob, blobError, blobTarget } from './blob.js';
import type { DataPlanes } from './data-planes.js';
import { ResourceGraph } from './graph.js';
import { serviceToken } from './identity.js';
import { management } from './management.js';
import { vault, vaultTarget } from './vault.js';
import { json, type WireRequest, type WireResponse } from './wire.js';

/** One service below its own part of the path. */
interface Service {
  /** As faults name what a request does: `vault:GetSecret`. */
  readonly action: (request: WireRequest) => string;
  readonly handle: (request: WireRequest) => WireResponse | Promise<WireResponse>;
  readonly refuse: (error: AzureError) => WireResponse;
}

/** All data planes on one port: `/management`, `/vault/NAME`, `/blob/ACCOUNT`, and the token endpoint `/identity`. */
export function dataPlaneServer(planes: DataPlanes, requests: Requests): Server {
  const services = servicesOf(planes);
  return createServer((incoming, outgoing) => {
    const cancelled = new AbortController();
    outgoing.once('close', () => cancelled.abort(new Error('the client has gone')));
    void answer(services, planes, requests, incoming, cancelled.signal).then(({ status, headers, body }) => {
      outgoing.writeHead(status, { 'x-ms-request-id': randomUUID(), ...headers });
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    });
  });
}

function servicesOf(planes: DataPlanes): Readonly<Record<string, Service>> {
  const graph = new ResourceGraph(planes.cloud.inventory);
  return {
    identity: { action: () => 'identity:GetToken', handle: (request) => serviceToken(planes.tokens, request), refuse },
    management: { action: ({ method }) => `management:${method}`, handle: (request) => management(planes, graph, request), refuse },
    vault: { action: (request) => `vault:${vaultTarget(request).deed}`, handle: (request) => vault(planes, request), refuse },
    blob: { action: (request) => `blob:${blobTarget(request).deed}`, handle: (request) => blob(planes, request), refuse: blobError },
  };
}

async function answer(services: Readonly<Record<string, Service>>, planes: DataPlanes, requests: Requests, incoming: IncomingMessage, signal: AbortSignal): Promise<WireResponse> {
  const url = new URL(incoming.url ?? '/', 'http://sandbox');
  const [, name = '', path = ''] = /^\/([^/]*)(.*)$/.exec(url.pathname) ?? [];
  const service = services[name];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const request: WireRequest = { method: incoming.method ?? 'GET', path, query: url.searchParams, headers: incoming.headers, body: Buffer.concat(chunks) };
  try {
    if (service === undefined) throw new AzureError('InvalidResourceType', `the sandbox has no service at ${url.pathname}`, 404);
    const target = { type: service.action(request), operation: 'invoke', cluster: null, resources: [] } as const;
    const response = await requests.run(target, { signal, retries: 0 }, async () => service.handle(request));
    await planes.cloud.inventory.settled();
    return response;
  } catch (error) {
    const refusal = asAzureError(error);
    const response = (service?.refuse ?? refuse)(refusal);
    return refusal.status === 429 ? { ...response, headers: { ...response.headers, 'retry-after': '1' } } : response;
  }
}

function asAzureError(error: unknown): AzureError {
  if (error instanceof AzureError) return error;
  if (error instanceof Throttled) return new AzureError('TooManyRequests', 'The request is being throttled.', 429);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Denied) return new AzureError('AuthorizationFailed', message, 403);
  return error instanceof Struck ? new AzureError('ServiceUnavailable', message, 503) : new AzureError('InternalServerError', message, 500);
}

/** A refusal as Resource Manager and Key Vault word it. */
function refuse({ code, message, status, inner }: AzureError): WireResponse {
  return json(status, { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } });
}
