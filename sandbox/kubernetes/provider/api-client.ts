import { Agent, request } from 'node:https';
import { z } from 'zod';
import { isRecord, stringAt, type JsonRecord, type KubeObject } from '../json.js';
import type { Credential, Credentials } from './credentials.js';
import type { ClusterAccess } from './kubeconfig.js';

/** The API server answered with an error; the message is its Status message. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(readonly code: number, readonly reason: string, message: string) {
    super(message);
  }
}

/** The cluster did not answer at all, or no credential for it could be had. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Whether an error says that the object (or its kind) is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** How to reach the resources of a kind. */
export interface ResourceKind {
  plural: string;
  namespaced: boolean;
}

const resourceListSchema = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })) });
const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const timeoutMs = 30_000;

/** Talks to one API server; connections are kept alive, kinds are mapped to paths by discovery. */
export class ApiClient {
  private readonly kinds = new Map<string, Promise<Map<string, ResourceKind>>>();
  private connection: { credential: Credential; agent: Agent } | undefined;

  constructor(readonly access: ClusterAccess, private readonly credentials: Credentials) {}

  /** One request. @throws ApiError for an error answer, Unreachable where there is none. */
  async call(method: string, path: string, body?: unknown, contentType = 'application/json', signal?: AbortSignal): Promise<JsonRecord> {
    const credential = await this.credential();
    try {
      return await this.send(credential, method, path, body, contentType, signal);
    } catch (error) {
      // As client-go does: a credential that is refused is fetched anew, once.
      if (!(error instanceof ApiError && error.code === 401)) throw error;
      await this.credentials.refuse(this.access.user, credential);
      return this.send(await this.credential(), method, path, body, contentType, signal);
    }
  }

  /** Path of a kind's collection, or of one object. @throws ApiError 404 `no matches for kind` where the server does not serve it. */
  async pathOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>, namespace: string | undefined, name?: string): Promise<string> {
    const kind = await this.kindOf(object);
    const root = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
    const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? this.access.namespace ?? 'default')}` : '';
    return `${root}${scope}/${kind.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
  }

  /** Looks a kind up by discovery; what was not there is asked for again, for it may have been defined since. */
  async kindOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Promise<ResourceKind> {
    const known = await this.discover(apiVersion);
    const found = known.get(kind);
    if (found !== undefined) return found;
    this.kinds.delete(apiVersion);
    const fresh = (await this.discover(apiVersion)).get(kind);
    if (fresh === undefined) throw new ApiError(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}": its CustomResourceDefinition is not there`);
    return fresh;
  }

  /** Reads one object. @throws ApiError 404 */
  async get(object: Pick<KubeObject, 'apiVersion' | 'kind'>, namespace: string | undefined, name: string, signal?: AbortSignal): Promise<KubeObject> {
    return objectSchema.parse(await this.call('GET', await this.pathOf(object, namespace, name), undefined, undefined, signal));
  }

  /** Reads the object that has another's kind, namespace and name; undefined where there is none. */
  async find(object: KubeObject, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.get(object, object.metadata.namespace, object.metadata.name, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Applies an object server-side. @param dryRun only what would come of it is answered */
  async apply(object: KubeObject, manager: string, force: boolean, signal?: AbortSignal, dryRun = false): Promise<KubeObject> {
    const path = await this.pathOf(object, object.metadata.namespace, object.metadata.name);
    const query = new URLSearchParams({ fieldManager: manager, force: String(force), fieldValidation: 'Warn', ...(dryRun ? { dryRun: 'All' } : {}) });
    return objectSchema.parse(await this.call('PATCH', `${path}?${query.toString()}`, object, 'application/apply-patch+yaml', signal));
  }

  /** Deletes an object and, in the background, what it owns; one that is not there is deleted already. */
  async remove(object: KubeObject): Promise<void> {
    try {
      await this.call('DELETE', await this.pathOf(object, object.metadata.namespace, object.metadata.name), { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** The server's version as it calls it, such as `v1.35.4`. */
  async version(): Promise<string> {
    return stringAt(await this.call('GET', '/version'), 'gitVersion') ?? 'unknown';
  }

  private discover(apiVersion: string): Promise<Map<string, ResourceKind>> {
    const known = this.kinds.get(apiVersion);
    if (known !== undefined) return known;
    const asked = this.call('GET', apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`).then((list) => {
      const { resources } = resourceListSchema.parse(list);
      return new Map(resources.filter(({ name }) => !name.includes('/')).map(({ name, kind, namespaced }): [string, ResourceKind] => [kind, { plural: name, namespaced }]));
    }).catch((error: unknown) => {
      this.kinds.delete(apiVersion);
      if (isNotFound(error)) return new Map<string, ResourceKind>();
      throw error;
    });
    this.kinds.set(apiVersion, asked);
    return asked;
  }

  private credential(): Promise<Credential> {
    return this.credentials.get(this.access.user).catch((error: unknown) => {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    });
  }

  private agentFor(credential: Credential): Agent {
    if (this.connection?.credential !== credential) {
      this.connection?.agent.destroy();
      const { authority, serverName } = this.access;
      this.connection = { credential, agent: new Agent({ keepAlive: true, maxSockets: 4, ca: authority, servername: serverName, cert: credential.certificate, key: credential.key }) };
    }
    return this.connection.agent;
  }

  private send(credential: Credential, method: string, path: string, body: unknown, contentType: string, signal: AbortSignal | undefined, again = false): Promise<JsonRecord> {
    const { server } = this.access;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: 'application/json', 'user-agent': 'pulumi-kubernetes/emulated',
      ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
      ...(credential.token === undefined ? {} : { authorization: `Bearer ${credential.token}` }),
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(signal?.aborted === true ? reasonOf(signal) : new Unreachable(`${method} ${server.origin}: ${error.message}`));
      const outgoing = request({ agent: this.agentFor(credential), host: server.hostname, port: server.port || 443, method, path, headers, timeout: timeoutMs, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', fail).on('end', () => {
          const answer = parse(Buffer.concat(chunks).toString('utf8'));
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(answer);
          else reject(new ApiError(status, stringAt(answer, 'reason') ?? 'Unknown', stringAt(answer, 'message') ?? `the API server answered ${status}`));
        });
      });
      outgoing.on('error', (error) => {
        // The server may close a kept connection in the moment that it is used again; nothing has been done then.
        if (outgoing.reusedSocket && !again && signal?.aborted !== true) resolve(this.send(credential, method, path, body, contentType, signal, true));
        else fail(error);
      }).on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      outgoing.end(text);
    });
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('the operation was cancelled');
}

function parse(text: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
