import { Agent, fetch } from 'undici';
import { z } from 'zod';
import type { Connection } from '../../model/cluster.js';
import { apiServerPort, endpointName } from '../../model/names.js';
import type { ProvisionerClient } from '../../model/rendezvous.js';
import type { ClusterSpec } from '../../model/spec.js';
import { addonLabel, announcedAddons, announcementListSchema, type AnnouncedAddon } from './announced-addons.js';
import { currentReleases, releaseListSchema, type HelmRelease } from './releases.js';

/** Longest time for one request, in milliseconds. */
const requestLimit = 10_000;
/** Longest time for a connection, in milliseconds; shorter, so that a network that lets nothing through is told from a server that is slow. */
const connectLimit = 5_000;
/** Field manager of what the worker applies. */
const manager = 'clusterwright';
/** Items per page of a list. */
const pageSize = 250;

const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const conditionSchema = z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string().optional() });
const continueSchema = z.object({ continue: z.string().optional() }).optional();

const groupSchema = z.object({ versions: z.array(z.object({ version: z.string() })) });

const nodeListSchema = z.object({
  metadata: continueSchema,
  items: z.array(z.object({
    metadata: metadataSchema, spec: z.object({ providerID: z.string().optional() }).optional(), status: z.object({ conditions: z.array(conditionSchema).optional() }).optional(),
  })),
});

const workloadListSchema = z.object({
  metadata: continueSchema,
  items: z.array(z.object({
    metadata: metadataSchema,
    spec: z.object({ replicas: z.int().optional() }).optional(),
    status: z.object({
      readyReplicas: z.int().optional(), desiredNumberScheduled: z.int().optional(), numberReady: z.int().optional(),
    }).optional(),
  })),
});

/** A node as the API server lists it. */
export interface ClusterNode {
  readonly name: string;
  readonly ready: boolean;
  /** Since when it is Ready or is not, RFC 3339; undefined where it has not said so yet. */
  readonly changedAt: string | undefined;
  readonly controlPlane: boolean;
  /** What the cloud's controller finds its machine by; ends with the machine's id. */
  readonly providerId: string | undefined;
}

/** A workload of a Helm release: how many of its pods are ready of how many there should be. */
export interface Workload {
  readonly kind: 'Deployment' | 'DaemonSet' | 'StatefulSet';
  readonly name: string;
  readonly namespace: string;
  readonly release: string | undefined;
  readonly ready: number;
  readonly desired: number;
}

/** One pod, and no other that may get its name. */
export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The API server refused a request, or could not be reached. Never holds what the server sent beside its status. */
export class KubernetesError extends Error {
  constructor(message: string, readonly status: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KubernetesError';
  }
}

/** One cluster's API server, dialled at the load balancer's address under the cluster's name for TLS. Close it after use. */
export class KubernetesClient {
  readonly #agent: Agent;
  readonly #base: string;

  constructor(spec: Pick<ClusterSpec, 'name' | 'network'>, { address, certificateAuthority }: Pick<Connection, 'address' | 'certificateAuthority'>, { certificate, key }: ProvisionerClient) {
    const servername = endpointName(spec.name, spec.network.domain);
    this.#base = `https://${address}:${apiServerPort}`;
    this.#agent = new Agent({ connect: { ca: certificateAuthority, cert: certificate, key, servername, timeout: connectLimit }, connections: 4 });
  }

  /** Whether the API server says that it is ready. Throws KubernetesError when it cannot be reached or refuses the certificate. */
  async ready(): Promise<boolean> {
    try {
      await this.#send('GET', '/readyz');
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.status !== undefined && error.status >= 500) return false;
      throw error;
    }
  }

  async nodes(): Promise<ClusterNode[]> {
    const items = await this.#list('/api/v1/nodes', {}, nodeListSchema);
    return items.map(({ metadata, spec, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return {
        name: metadata.name,
        providerId: spec?.providerID,
        ready: ready?.status === 'True',
        changedAt: ready?.lastTransitionTime,
        controlPlane: metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
      };
    });
  }

  /** Every Helm release's newest revision, as Helm keeps it in Secrets. */
  async releases(): Promise<HelmRelease[]> {
    return currentReleases(await this.#list('/api/v1/secrets', { labelSelector: 'owner=helm,status notin (superseded)' }, releaseListSchema));
  }

  /** The add-ons that are told of in ConfigMaps, because Helm does not run them. */
  async announcedAddons(): Promise<AnnouncedAddon[]> {
    return announcedAddons(await this.#list('/api/v1/configmaps', { labelSelector: addonLabel }, announcementListSchema));
  }

  /** All workloads that Helm releases have brought, and the cluster's DNS, which kubeadm has. */
  async workloads(): Promise<Workload[]> {
    const kinds = { Deployment: 'deployments', DaemonSet: 'daemonsets', StatefulSet: 'statefulsets' } as const;
    const ofHelm = Object.entries(kinds).map(([kind, plural]) => this.#workloads(kind as keyof typeof kinds, plural, 'app.kubernetes.io/managed-by=Helm'));
    return (await Promise.all([...ofHelm, this.#workloads('Deployment', 'deployments', 'k8s-app=kube-dns')])).flat();
  }

  /** All objects of a collection that `query` selects, as `item` reads them; undefined where the server does not serve the kind. */
  async objects<Item>(path: string, item: z.ZodType<Item>, query: Record<string, string> = {}): Promise<Item[] | undefined> {
    return absentAsUndefined(this.#list(path, query, z.object({ metadata: continueSchema, items: z.array(item) })));
  }

  /** One object, as `item` reads it; undefined where there is none. */
  async object<Item>(path: string, item: z.ZodType<Item>): Promise<Item | undefined> {
    const found = await absentAsUndefined(this.#send('GET', path));
    if (found === undefined) return undefined;
    const parsed = item.safeParse(JSON.parse(found));
    if (!parsed.success) throw new KubernetesError(`the API server's object at ${path} is not as expected`, undefined);
    return parsed.data;
  }

  /** What the server that is reached this time tells of itself, in Prometheus' format; empty where it tells nothing. */
  async metrics(): Promise<string> {
    return (await absentAsUndefined(this.#send('GET', '/metrics'))) ?? '';
  }

  /** The versions of a group that the server serves, the preferred one first; none where it does not serve the group. */
  async versionsOf(group: string): Promise<string[]> {
    const found = await absentAsUndefined(this.#send('GET', `/apis/${group}`));
    return found === undefined ? [] : groupSchema.parse(JSON.parse(found)).versions.map(({ version }) => version);
  }

  /** Makes an object or brings it to what is given (server-side apply, conflicts forced). */
  async apply(path: string, object: unknown): Promise<void> {
    await this.#send('PATCH', `${path}?fieldManager=${manager}&force=true`, object, 'application/apply-patch+yaml');
  }

  /** Merges a patch into an object. False where it is not there. */
  async merge(path: string, patch: unknown): Promise<boolean> {
    return (await absentAsUndefined(this.#send('PATCH', path, patch, 'application/merge-patch+json'))) !== undefined;
  }

  /** Deletes an object and what it owns. False where it is not there. */
  async remove(path: string): Promise<boolean> {
    return (await absentAsUndefined(this.#send('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }))) !== undefined;
  }

  /**
   * Asks for the eviction of this very pod. False where that cannot be now: a PodDisruptionBudget forbids it (429), or the server cannot tell (500, for two budgets over one pod).
   * A pod that is gone counts as evicted. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
   */
  async evict({ name, namespace, uid }: PodReference): Promise<boolean> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions: { preconditions: { uid } } };
    try {
      await this.#send('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
      return true;
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      // 409: another pod has its name by now.
      if (error.status === 404 || error.status === 409) return true;
      if (error.status === 429 || error.status === 500) return false;
      throw error;
    }
  }

  /** Whether the server would let an object be made: nothing is. Throws where it neither takes nor forbids it. */
  async wouldCreate(path: string, object: unknown): Promise<boolean> {
    try {
      await this.#send('POST', `${path}?dryRun=All`, object);
      return true;
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 403) return false;
      throw error;
    }
  }

  close(): void {
    void this.#agent.destroy();
  }

  async #workloads(kind: Workload['kind'], plural: string, labelSelector: string): Promise<Workload[]> {
    const items = await this.#list(`/apis/apps/v1/${plural}`, { labelSelector }, workloadListSchema);
    return items.map(({ metadata, spec, status }) => ({
      kind,
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      release: metadata.annotations?.['meta.helm.sh/release-name'],
      desired: kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : (spec?.replicas ?? 1),
      ready: (kind === 'DaemonSet' ? status?.numberReady : status?.readyReplicas) ?? 0,
    }));
  }

  async #list<Item>(path: string, query: Record<string, string>, schema: z.ZodType<{ metadata?: { continue?: string | undefined } | undefined; items: Item[] }>): Promise<Item[]> {
    const items: Item[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const search = new URLSearchParams({ ...query, limit: String(pageSize), ...(next === '' ? {} : { continue: next }) });
      const page = schema.safeParse(JSON.parse(await this.#send('GET', `${path}?${search.toString()}`)));
      if (!page.success) throw new KubernetesError(`the API server's list at ${path} is not as expected`, undefined);
      items.push(...page.data.items);
      next = page.data.metadata?.continue || undefined;
    }
    return items;
  }

  async #send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<string> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } };
    const response = await fetch(this.#base + path, { method, ...content, dispatcher: this.#agent, signal: AbortSignal.timeout(requestLimit) }).catch((error: unknown) => {
      throw new KubernetesError(`the API server cannot be reached: ${reasonOf(error)}`, undefined, { cause: error });
    });
    const answer = await response.text();
    if (!response.ok) throw new KubernetesError(`the API server answered ${response.status} to ${method} ${path.split('?')[0] ?? path}`, response.status);
    return answer;
  }
}

/** What is not there, or is of a kind that is not served, is undefined. */
async function absentAsUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }
}

/** Why a connection failed: the system's or OpenSSL's own code, which is where undici leaves it. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown reason';
}
