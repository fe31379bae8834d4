import { Readable } from 'node:stream';
import { createDefaultHttpClient, createHttpHeaders, createPipelineFromOptions, createPipelineRequest, type HttpMethods, type Pipeline, type PipelineRequestOptions, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { z, type ZodType } from 'zod';
import type { AzureAccount } from '../../../model/accounts.js';
import type { ObjectContent } from '../private-store.js';
import { serviceCredential, type AzureIdentity } from './credentials.js';
import { AzureRefusal } from './errors.js';

/** The services that are talked to: the resource manager, vaults, blobs. */
export type AzureService = 'management' | 'vault' | 'blob';

/** For whom a token of each must be. https://learn.microsoft.com/azure/key-vault/general/authentication, …/storage/blobs/authorize-access-azure-active-directory */
const scopes: Readonly<Record<AzureService, string>> = {
  management: 'https://management.azure.com/.default',
  vault: 'https://vault.azure.net/.default',
  blob: 'https://storage.azure.com/.default',
};
const managementHost = 'management.azure.com';
/** A token is asked for anew this long before it ends, in milliseconds. */
const renewBefore = 5 * 60_000;

/** A request beside its address. */
export interface AzureRequest {
  readonly method?: HttpMethods;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a service answered with success. */
export interface AzureAnswer {
  readonly status: number;
  readonly text: string;
  readonly header: (name: string) => string | undefined;
}

/** What is open, by account. */
const opened = new WeakMap<AzureAccount, AzureConnection>();

const pageSchema = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/**
 * Connections to one subscription. Requests are repeated as the vendor's clients do it, with the waits that the cloud asks for. Addresses come from the
 * accounts file, else from `AZURE_ENDPOINT_URL`, which names the base address of an emulator for all services; there a vault's or a storage account's
 * name is the first part of the path instead of the host's.
 */
export class AzureConnection {
  readonly #client = createDefaultHttpClient();
  readonly #pipeline = pipelineWith(4);
  /** For bytes as they come: what has been sent of them cannot be sent again. */
  readonly #streams = pipelineWith(0);
  readonly #tokens = new Map<AzureService, Promise<{ token: string; expiresOnTimestamp: number }>>();
  #credential: Promise<TokenCredential> | undefined;

  constructor(private readonly identity: AzureIdentity, private readonly endpoints: Readonly<Record<string, string>> = {}) {}

  /** The connection to an account: one, however often it is asked for, so that its tokens are. */
  static of(account: AzureAccount): AzureConnection {
    const { tenantId, clientId, endpoints = {} } = account;
    const connection = opened.get(account) ?? new AzureConnection({ tenantId, clientId, authority: endpoints['login'] }, endpoints);
    opened.set(account, connection);
    return connection;
  }

  /** Sends a request to `https://…` of a service. Throws `AzureRefusal` where the answer is no success. */
  async send(service: AzureService, url: string, { method = 'GET', body, headers = {} }: AzureRequest = {}): Promise<AzureAnswer> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await this.#sent(this.#pipeline, service, url, { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, { method, ...content });
    return { status: answer.status, text: answer.bodyAsText ?? '', header: (name) => answer.headers.get(name) };
  }

  /** Reads bytes as they come. Throws `AzureRefusal` where the answer is no success. */
  async open(service: AzureService, url: string, headers: Readonly<Record<string, string>>): Promise<ObjectContent> {
    const { headers: told, readableStreamBody: stream } = await this.#sent(this.#streams, service, url, headers, { streamResponseStatusCodes: new Set([200]) });
    const sizeBytes = Number(told.get('content-length') ?? Number.NaN);
    if (!(stream instanceof Readable) || !Number.isInteger(sizeBytes)) throw new Error(`${new URL(url).pathname} comes without its content or length`);
    return { stream, sizeBytes };
  }

  /** Writes bytes as they come. Throws `AzureRefusal` where the answer is no success. */
  async put(service: AzureService, url: string, { stream, sizeBytes }: ObjectContent, headers: Readonly<Record<string, string>>): Promise<void> {
    await this.#sent(this.#streams, service, url, { ...headers, 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) }, { method: 'PUT', body: stream });
  }

  /** Reads JSON. Answers undefined where there is no such thing. */
  async read<T>(service: AzureService, url: string, schema: ZodType<T>): Promise<T | undefined> {
    try {
      return schema.parse(JSON.parse((await this.send(service, url)).text));
    } catch (error) {
      if (error instanceof AzureRefusal && error.isMissing) return undefined;
      throw error;
    }
  }

  /** Reads a list with all its pages. What is missing is an empty list. */
  async list<T>(service: AzureService, url: string, schema: ZodType<T>): Promise<T[]> {
    const found: T[] = [];
    for (let next: string | undefined = url; next !== undefined; ) {
      const page: z.infer<typeof pageSchema> | undefined = await this.read(service, next, pageSchema);
      found.push(...(page?.value ?? []).map((item) => schema.parse(item)));
      next = page?.nextLink ?? undefined;
    }
    return found;
  }

  /** Address of something of the resource manager: `path` begins with `/subscriptions/…`. */
  static management(path: string, apiVersion: string, query: Readonly<Record<string, string>> = {}): string {
    return `https://${managementHost}${encodeURI(path)}?${new URLSearchParams({ ...query, 'api-version': apiVersion }).toString()}`;
  }

  async #sent(pipeline: Pipeline, service: AzureService, url: string, headers: Readonly<Record<string, string>>, options: Omit<PipelineRequestOptions, 'url' | 'headers'>): Promise<PipelineResponse> {
    const address = this.#address(service, url);
    const authorization = `Bearer ${await this.#token(service, address)}`;
    const request = createPipelineRequest({ ...options, url: address, allowInsecureConnection: isLoopback(address), headers: createHttpHeaders({ ...headers, authorization }) });
    const answer = await pipeline.sendRequest(this.#client, request);
    if (answer.status >= 300) throw AzureRefusal.of(answer.status, answer.bodyAsText ?? '', answer.headers.get('x-ms-error-code'));
    return answer;
  }

  #address(service: AzureService, url: string): string {
    const emulator = process.env['AZURE_ENDPOINT_URL'];
    const own = this.endpoints[service] ?? (emulator ? `${emulator}/${service}` : undefined);
    const { hostname, pathname, search, origin } = new URL(url);
    if (own === undefined || origin === new URL(own).origin) return url;
    return `${own.replace(/\/$/, '')}${hostname === managementHost ? '' : `/${hostname.split('.')[0] ?? ''}`}${pathname}${search}`;
  }

  async #token(service: AzureService, address: string): Promise<string> {
    if (!address.startsWith('https://') && !isLoopback(address)) throw new Error(`no token is sent to ${new URL(address).origin}: it is not HTTPS`);
    const current = await this.#tokens.get(service)?.catch(() => undefined);
    if (current !== undefined && current.expiresOnTimestamp - Date.now() > renewBefore) return current.token;
    const asked = this.#ask(service);
    this.#tokens.set(service, asked);
    return (await asked).token;
  }

  async #ask(service: AzureService): Promise<{ token: string; expiresOnTimestamp: number }> {
    const credential = await (this.#credential ??= serviceCredential(this.identity));
    const token = await credential.getToken(scopes[service]);
    if (token === null) throw new Error(`there is no token for ${scopes[service]}`);
    return token;
  }
}

function pipelineWith(maxRetries: number): Pipeline {
  return createPipelineFromOptions({ retryOptions: { maxRetries, maxRetryDelayInMs: 20_000 }, userAgentOptions: { userAgentPrefix: 'clusterwright' } });
}

function isLoopback(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.'));
}
