import createFetch, { type Client } from 'openapi-fetch';
import { followEvents, pause, type FollowOptions } from './events.js';
import { Problem, Unreachable } from './problem.js';
import type { operations, paths } from './schema.js';
import { isFinished, type AccessGrantRequest, type BackupRequest, type Backups, type CancelAnswer, type Cluster, type ClusterExpiries, type ClusterPatch, type ClusterRequest, type Drift, type Drill, type DrillRequest, type Granted, type IgnoreDriftRequest, type Job, type JobEvent, type ListedAccessGrant, type RestoreRequest, type Rotation, type Submission, type Template, type Upgrade, type UpgradeReadiness } from './shapes.js';

/** How a client reaches the service. */
export interface ClientOptions {
  /** Of the service, such as `https://clusterwright.example.com`. */
  readonly url: string;
  /** Gives a bearer token that is good now, or undefined for a service without sign-in; asked before every request. */
  readonly token?: (() => Promise<string | undefined>) | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface Signal {
  readonly signal?: AbortSignal | undefined;
}

/** Of every call that makes a job. */
interface Change extends Signal {
  /** The same key with the same request gets the first answer again: the call may be repeated until it is answered. */
  readonly idempotencyKey?: string | undefined;
}

type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

/**
 * The API of Clusterwright. Its methods answer what was asked for or throw: {@link Problem} for what the service refused, {@link Unreachable} where nobody
 * answered. What has no method of its own is reached through {@link ClusterwrightClient.api}, typed by path.
 */
export class ClusterwrightClient {
  /** Every operation by its path, typed by the OpenAPI document; refusals are in the answer's `error` here. */
  readonly api: Client<paths>;
  private readonly url: string;
  private readonly fetch: typeof globalThis.fetch;
  private readonly headers: () => Promise<Record<string, string>>;

  constructor({ url, token, headers = {}, fetch = globalThis.fetch.bind(globalThis) }: ClientOptions) {
    this.url = url.replace(/\/+$/, '');
    this.fetch = fetch;
    this.headers = async () => {
      const bearer = await token?.();
      return { ...headers, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) };
    };
    this.api = createFetch<paths>({ baseUrl: this.url, fetch: (request) => this.send(request) });
    this.api.use({
      onRequest: async ({ request }) => {
        for (const [name, value] of Object.entries(await this.headers())) request.headers.set(name, value);
        return request;
      },
    });
  }

  /** Asks for a cluster; with `dryRun` only for the plan. */
  async createCluster(body: ClusterRequest, { idempotencyKey, signal, ...query }: Query<'createCluster'> & Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters', { params: { query, header: keyed(idempotencyKey) }, body, ...given(signal) }));
  }

  /** Changes a cluster by a merge patch; `ifMatch` is the `version` that the change was thought out on. */
  async updateCluster(name: string, body: ClusterPatch, { ifMatch, idempotencyKey, signal, ...query }: Query<'patchCluster'> & Change & { ifMatch?: number | undefined } = {}): Promise<Submission> {
    return answer(await this.api.PATCH('/clusters/{name}', {
      params: { path: { name }, query, header: { ...match(ifMatch), ...keyed(idempotencyKey) } }, body, headers: { 'content-type': 'application/merge-patch+json' }, ...given(signal),
    }));
  }

  /** Deletes a cluster. */
  async deleteCluster(name: string, { ifMatch, idempotencyKey, signal, ...query }: Query<'deleteCluster'> & Change & { ifMatch?: number | undefined } = {}): Promise<Submission> {
    return answer(await this.api.DELETE('/clusters/{name}', { params: { path: { name }, query, header: { ...match(ifMatch), ...keyed(idempotencyKey) } }, ...given(signal) }));
  }

  /** Settles what is in doubt about a cluster and provisions on. */
  async repairCluster(name: string, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/repair', { params: { path: { name }, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  /** Brings a cluster to the next minor of Kubernetes, or goes on with that; with `dryRun` it is only looked at what stands in the way. */
  async upgradeCluster(name: string, body: Upgrade, { idempotencyKey, signal, ...query }: Query<'upgradeCluster'> & Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/upgrade', { params: { path: { name }, query, header: keyed(idempotencyKey) }, body, ...given(signal) }));
  }

  /** Compares what is there of a cluster with what should be, and changes nothing. */
  async checkDrift(name: string, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/drift', { params: { path: { name }, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  /** What the last such check found. */
  async drift(name: string, { signal }: Signal = {}): Promise<Drift> {
    return answer(await this.api.GET('/clusters/{name}/drift', { params: { path: { name } }, ...given(signal) }));
  }

  /** Leaves a finding of it aside until a time. */
  async ignoreDrift(name: string, body: IgnoreDriftRequest, { signal }: Signal = {}): Promise<Drift> {
    return answer(await this.api.POST('/clusters/{name}/drift/ignored', { params: { path: { name } }, body, ...given(signal) }));
  }

  /** Leaves it aside no longer. */
  async noticeDrift(name: string, finding: string, { signal }: Signal = {}): Promise<Drift> {
    return answer(await this.api.DELETE('/clusters/{name}/drift/ignored', { params: { path: { name }, query: { finding } }, ...given(signal) }));
  }

  /** What stood in the way of an upgrade when somebody looked last. */
  async upgradeReadiness(name: string, { signal }: Signal = {}): Promise<UpgradeReadiness> {
    return answer(await this.api.GET('/clusters/{name}/upgrade-readiness', { params: { path: { name } }, ...given(signal) }));
  }

  /** Gives a group access until a time; with `dryRun` only for the plan and for what is to be known beforehand. */
  async grantAccess(name: string, body: AccessGrantRequest, { idempotencyKey, signal, ...query }: Query<'grantAccess'> & Change = {}): Promise<Granted> {
    return answer(await this.api.POST('/clusters/{name}/access-grants', { params: { path: { name }, query, header: keyed(idempotencyKey) }, body, ...given(signal) }));
  }

  /** Who has access until when, the oldest grant first. */
  async accessGrants(name: string, { signal }: Signal = {}): Promise<ListedAccessGrant[]> {
    return answer(await this.api.GET('/clusters/{name}/access-grants', { params: { path: { name } }, ...given(signal) })).items;
  }

  /** Takes access away before its time. */
  async revokeAccess(name: string, id: string, { idempotencyKey, signal, ...query }: Query<'revokeAccess'> & Change = {}): Promise<Submission> {
    return answer(await this.api.DELETE('/clusters/{name}/access-grants/{id}', { params: { path: { name, id }, query, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  /** Makes the certificates of a cluster's control planes, the key of what etcd holds, or with a phase the authorities or the key of service accounts' tokens, anew. */
  async rotateCluster(name: string, rotation: Rotation, { idempotencyKey, signal, ...query }: Query<'rotateCluster'> & Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/rotate', { params: { path: { name }, query, header: keyed(idempotencyKey) }, body: rotation, ...given(signal) }));
  }

  /** Switches the machines of a cluster off; with `dryRun` only for the plan. */
  async hibernateCluster(name: string, { idempotencyKey, signal, ...query }: Query<'hibernateCluster'> & Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/hibernate', { params: { path: { name }, query, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  /** Switches them on again; with `dryRun` only for the plan. */
  async wakeCluster(name: string, { idempotencyKey, signal, ...query }: Query<'wakeCluster'> & Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/wake', { params: { path: { name }, query, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  /** What ends when, of all clusters that the caller may see, page by page. @param within days such as `60d`: only what ends by then */
  expiries({ signal, ...query }: Omit<Query<'listExpiries'>, 'cursor'> & Signal = {}): AsyncGenerator<ClusterExpiries, void, undefined> {
    return pages(async (cursor) => answer(await this.api.GET('/expiries', { params: { query: { ...query, ...cursor } }, ...given(signal) })));
  }

  /** Saves a cluster now: etcd, unless it says otherwise. */
  async saveCluster(name: string, { of }: BackupRequest = {}, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/backups', { params: { path: { name }, header: keyed(idempotencyKey) }, ...(of === undefined ? {} : { body: { of } }), ...given(signal) }));
  }

  /** What a cluster can be taken back to, the newest first. */
  async backups(name: string, { signal }: Signal = {}): Promise<Backups> {
    return answer(await this.api.GET('/clusters/{name}/backups', { params: { path: { name } }, ...given(signal) }));
  }

  /** Tries a restore of a cluster's newest backup: beside the cluster, or in another one that is made for it and deleted again. */
  async startDrill(name: string, wanted: DrillRequest = {}, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/drills', { params: { path: { name }, header: keyed(idempotencyKey) }, body: wanted, ...given(signal) }));
  }

  /** The restore drills of a cluster, the newest first, page by page. */
  drills(name: string, { signal }: Signal = {}): AsyncGenerator<Drill, void, undefined> {
    return pages(async (cursor) => answer(await this.api.GET('/clusters/{name}/drills', { params: { path: { name }, query: { ...cursor } }, ...given(signal) })));
  }

  /** Takes a cluster back to one of its backups, or brings objects back from one of Velero's. */
  async restoreCluster(name: string, wanted: RestoreRequest, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/clusters/{name}/restore', { params: { path: { name }, header: keyed(idempotencyKey) }, body: wanted, ...given(signal) }));
  }

  async cluster(name: string, { signal }: Signal = {}): Promise<Cluster> {
    return answer(await this.api.GET('/clusters/{name}', { params: { path: { name } }, ...given(signal) }));
  }

  /** All clusters that the caller may see and that match, page by page. */
  clusters({ signal, ...query }: Omit<Query<'listClusters'>, 'cursor'> & Signal = {}): AsyncGenerator<Cluster, void, undefined> {
    return pages(async (cursor) => answer(await this.api.GET('/clusters', { params: { query: { ...query, ...cursor } }, ...given(signal) })));
  }

  /** A cluster's kubeconfig, as YAML. It signs people in; there is no secret in it. */
  async kubeconfig(name: string, { signal }: Signal = {}): Promise<string> {
    return answer(await this.api.GET('/clusters/{name}/kubeconfig', { params: { path: { name } }, parseAs: 'text', headers: { accept: 'application/yaml' }, ...given(signal) }));
  }

  /** A cluster's jobs, the newest first. */
  clusterJobs(name: string, { signal, ...query }: Omit<Query<'listClusterJobs'>, 'cursor'> & Signal = {}): AsyncGenerator<Job, void, undefined> {
    return pages(async (cursor) => answer(await this.api.GET('/clusters/{name}/jobs', { params: { path: { name }, query: { ...query, ...cursor } }, ...given(signal) })));
  }

  /** All jobs that the caller may see, the newest first. */
  jobs({ signal, ...query }: Omit<Query<'listJobs'>, 'cursor'> & Signal = {}): AsyncGenerator<Job, void, undefined> {
    return pages(async (cursor) => answer(await this.api.GET('/jobs', { params: { query: { ...query, ...cursor } }, ...given(signal) })));
  }

  async job(id: string, { signal }: Signal = {}): Promise<Job> {
    return answer(await this.api.GET('/jobs/{id}', { params: { path: { id } }, ...given(signal) }));
  }

  /** Ends a job; with `force`, kills it once the grace period has passed. */
  async cancelJob(id: string, { force = false, signal }: Signal & { force?: boolean | undefined } = {}): Promise<CancelAnswer> {
    return answer(await this.api.POST('/jobs/{id}/cancel', { params: { path: { id } }, body: { force }, ...given(signal) }));
  }

  /** Tries a failed or cancelled job once more. */
  async retryJob(id: string, { idempotencyKey, signal }: Change = {}): Promise<Submission> {
    return answer(await this.api.POST('/jobs/{id}/retry', { params: { path: { id }, header: keyed(idempotencyKey) }, ...given(signal) }));
  }

  async templates({ signal }: Signal = {}): Promise<Template[]> {
    const all: Template[] = [];
    for await (const template of pages(async (cursor) => answer(await this.api.GET('/templates', { params: { query: cursor }, ...given(signal) })))) all.push(template);
    return all;
  }

  async template(name: string, { signal }: Signal = {}): Promise<Template> {
    return answer(await this.api.GET('/templates/{name}', { params: { path: { name } }, ...given(signal) }));
  }

  /** A job's events, live, until it has ended: see {@link followEvents}. */
  events(jobId: string, options: FollowOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return followEvents(async (after, signal) => {
      const response = await this.send(new Request(`${this.url}/jobs/${encodeURIComponent(jobId)}/events`, {
        headers: { ...(await this.headers()), accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) }, ...given(signal),
      }));
      if (!response.ok) throw new Problem(response, await bodyOf(response));
      return response;
    }, options);
  }

  /**
   * Follows a job to its end and answers it.
   * @param options `onEvent` is told each event as it comes
   * @throws the signal's reason once it aborts; the job goes on
   */
  async watchJob(jobId: string, { onEvent, ...options }: FollowOptions & { onEvent?: ((event: JobEvent) => void) | undefined } = {}): Promise<Job> {
    for await (const event of this.events(jobId, options)) onEvent?.(event);
    for (;;) {
      options.signal?.throwIfAborted();
      const job = await this.job(jobId, { signal: options.signal });
      if (isFinished(job.state)) return job;
      // Its last event is written with its record; a stream that ended before (events are kept for a time only) leaves this to be asked for.
      await pause(1000, options.signal);
    }
  }

  private async send(request: Request): Promise<Response> {
    try {
      return await this.fetch(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw new Unreachable(this.url, error);
    }
  }
}

/** What stands in an answer, or its problem. */
function answer<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data !== undefined && response.ok) return data;
  throw new Problem(response, error);
}

async function* pages<T>(page: (cursor: { cursor?: string }) => Promise<{ items: T[]; nextCursor: string | null }>): AsyncGenerator<T, void, undefined> {
  let cursor: string | null = null;
  do {
    const { items, nextCursor }: { items: T[]; nextCursor: string | null } = await page(cursor === null ? {} : { cursor });
    yield* items;
    cursor = nextCursor;
  } while (cursor !== null);
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function match(version: number | undefined): { 'If-Match'?: string } {
  return version === undefined ? {} : { 'If-Match': `"${version}"` };
}

function keyed(key: string | undefined): { 'Idempotency-Key'?: string } {
  return key === undefined ? {} : { 'Idempotency-Key': key };
}

/** fetch takes no `signal: undefined` in every runtime's types. */
function given(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
