import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { jobKinds } from '../../model/job.js';

const jobSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.string(),
  phase: z.string().nullable(),
  attempt: z.number(),
  error: z.looseObject({ code: z.string(), detail: z.string(), resource: z.string().nullable(), hint: z.string() }).nullable(),
  plan: z.looseObject({
    stacks: z.array(z.object({ name: z.string(), basis: z.string() })),
    create: z.number(), update: z.number(), replace: z.number(), delete: z.number(), same: z.number(),
    changes: z.array(z.object({ type: z.string(), name: z.string(), op: z.string(), properties: z.array(z.string()) })),
    cost: z.looseObject({ monthly: z.number(), monthlyAtMost: z.number(), monthlyBefore: z.number().nullable(), pricesAsOf: z.string() }).nullable(),
  }).nullish(),
  receipt: z.looseObject({
    checked: z.array(z.object({ kind: z.string(), count: z.number() })),
    leftovers: z.array(z.looseObject({ id: z.string(), kind: z.string() })),
    retained: z.array(z.looseObject({ id: z.string(), kind: z.string(), reason: z.string() })),
  }).nullish(),
});
export type PortalJob = z.infer<typeof jobSchema>;

const acceptedSchema = z.object({ cluster: z.looseObject({ name: z.string(), state: z.string() }).nullish(), job: z.looseObject({ id: z.string() }) });
const inventorySchema = z.object({
  items: z.array(z.looseObject({ id: z.string(), type: z.string(), cluster: z.string().nullable(), resource: z.string().nullable(), parent: z.string().nullable() })),
  kept: z.array(z.looseObject({ id: z.string(), type: z.string() })),
});
export type Inventory = z.infer<typeof inventorySchema>;

/** A caller of the API as a portal is one: it sends requests with `fetch` and polls jobs. */
export class Portal {
  /** `service` is asked for its addresses with every call. @param always headers of every request to the API, such as a token */
  constructor(private readonly service: { readonly url: string; readonly control: string }, private readonly always: Readonly<Record<string, string>> = {}) {}

  /** Sends JSON; answers the raw response. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return fetch(this.service.url + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': type }), ...this.always, ...headers }, body: body === undefined ? null : JSON.stringify(body) });
  }

  /** Sends a change that must be accepted; answers the job's id. */
  async submit(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.send(method, path, body);
    if (answer.status !== 202) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return acceptedSchema.parse(await answer.json()).job.id;
  }

  async job(id: string): Promise<PortalJob> {
    return jobSchema.parse(await (await this.send('GET', `/jobs/${id}`)).json());
  }

  /** Polls a job until it has ended, however it ends. */
  async ended(id: string): Promise<PortalJob> {
    for (;;) {
      const job = await this.job(id);
      if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
      await wait(100);
    }
  }

  /** Sends a change and waits for its job's end. */
  async change(method: string, path: string, body?: unknown): Promise<PortalJob> {
    return this.ended(await this.submit(method, path, body));
  }

  /** A page of a job's events, from the first or behind the one with the id `after`. */
  async events(id: string, after?: string): Promise<{ id: string; at: string; event: { type: string; [key: string]: unknown } }[]> {
    const page = await (await this.send('GET', `/jobs/${id}/events?limit=200${after === undefined ? '' : `&after=${after}`}`)).json();
    return z.object({ items: z.array(z.object({ id: z.string(), at: z.string(), event: z.looseObject({ type: z.string() }) })) }).parse(page).items;
  }

  /** All of a job's events. */
  async allEvents(id: string): Promise<Awaited<ReturnType<Portal['events']>>> {
    const all = await this.events(id);
    for (let page = all; page.length === 200;) {
      page = await this.events(id, page.at(-1)?.id);
      all.push(...page);
    }
    return all;
  }

  async cluster(name: string): Promise<Record<string, unknown>> {
    const answer = await this.send('GET', `/clusters/${name}`);
    if (answer.status !== 200) throw new Error(`GET /clusters/${name}: ${answer.status}`);
    return z.record(z.string(), z.unknown()).parse(await answer.json());
  }

  /** What the sandbox's cloud holds, of one cluster or of all. */
  async inventory(cluster?: string): Promise<Inventory> {
    const answer = await fetch(`${this.service.control}/inventory${cluster ? `?cluster=${cluster}` : ''}`);
    return inventorySchema.parse(await answer.json());
  }

  /** Plants a fault in the sandbox. */
  async plantFault(fault: object): Promise<void> {
    const answer = await fetch(`${this.service.control}/faults`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
    if (!answer.ok) throw new Error(`POST /faults: ${answer.status} ${await answer.text()}`);
  }

  /** Lets the sandbox's time go on at once. */
  async advanceClock(seconds: number): Promise<void> {
    const answer = await fetch(`${this.service.control}/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advanceSeconds: seconds }) });
    if (!answer.ok) throw new Error(`POST /clock: ${answer.status} ${await answer.text()}`);
  }

  /** Changes a resource behind the engine's back, as its cloud or somebody in its console does. */
  async mutate(id: string, properties: object): Promise<void> {
    const answer = await fetch(`${this.service.control}/resources/${encodeURIComponent(id)}/mutate`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(properties) });
    if (!answer.ok) throw new Error(`the resource was not changed: ${await answer.text()}`);
  }

  /** Changes a file of a simulated node behind everybody's back. */
  async editFile(node: string, path: string, content: string): Promise<void> {
    const answer = await fetch(`${this.service.control}/nodes/${node}/files`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ path, content }) });
    if (!answer.ok) throw new Error(`POST /nodes/${node}/files: ${answer.status} ${await answer.text()}`);
  }

  /** Takes all planted faults out of the sandbox. */
  async clearFaults(): Promise<void> {
    await fetch(`${this.service.control}/faults`, { method: 'DELETE' });
  }
}

const id = (digit: number): string => `${String(digit).repeat(8)}-${String(digit).repeat(4)}-4${String(digit).repeat(3)}-8${String(digit).repeat(3)}-${String(digit).repeat(12)}`;

/** The example of the API's documentation: every field given. */
export function fullRequest(name: string): Record<string, unknown> {
  return {
    name, template: 'production', provider: 'aws', region: 'eu-west-1', account: 'default', owner: 'payments', labels: { 'cost-centre': '4711' }, kubernetesVersion: '1.35',
    network: { cidr: '10.20.0.0/16', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', domain: 'clusterwright.internal', apiServer: { public: false, allowedCidrs: [] } },
    controlPlane: { replicas: 3, machineType: 'm7i.large', etcdDiskGiB: 64 },
    nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 10, diskGiB: 100, labels: {}, taints: [] }],
    access: { entra: { tenantId: id(1), clientId: id(2) }, groups: [{ id: id(3), role: 'admin' }, { id: id(4), role: 'developer', namespaces: ['payments'] }] },
    namespaces: [{ name: 'payments', quota: { cpu: '20', memory: '64Gi' }, podSecurity: 'restricted' }],
    platform: { cni: 'cilium', monitoring: 'prometheus', logging: 'loki', backup: 'velero', gitops: 'argocd' },
  };
}

/** The least that a template needs. */
export function shortRequest(name: string, template = 'development'): Record<string, unknown> {
  return { name, template, provider: 'aws', access: { entra: { tenantId: id(1), clientId: id(2) }, groups: [{ id: id(3), role: 'admin' }] } };
}
