import { z } from 'zod';
import { jobEventSchema, type JobEvent } from '../../model/event.js';

const acceptedSchema = z.object({ cluster: z.object({ name: z.string() }), job: z.object({ id: z.string() }) });

const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  progress: z.object({ percent: z.number(), resources: z.object({ done: z.number(), total: z.number() }) }),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  error: z.object({ code: z.string(), title: z.string(), detail: z.string(), resource: z.string().nullable(), hint: z.string() }).nullable(),
  receipt: z.object({
    checked: z.array(z.object({ kind: z.string(), count: z.number() })),
    leftovers: z.array(z.object({ id: z.string(), kind: z.string(), region: z.string(), reason: z.string() })),
    retained: z.array(z.object({ id: z.string(), kind: z.string(), reason: z.string(), until: z.string().nullable() })),
  }).nullish(),
});
/** A job as the demo needs it. */
export type DemoJob = z.infer<typeof jobSchema>;

const clusterSchema = z.object({
  state: z.string(),
  endpoint: z.string().nullable(),
  zones: z.array(z.string()),
  nodes: z.object({ controlPlane: z.number(), workers: z.number() }),
  addons: z.array(z.object({ name: z.string(), version: z.string(), state: z.string(), reason: z.string().optional() })),
});
/** A cluster as the demo needs it. */
export type DemoCluster = z.infer<typeof clusterSchema>;

/** The few calls of the API that a portal needs, with `fetch` and nothing else. */
export class DemoClient {
  constructor(private readonly url: string) {}

  /** Asks for a cluster; answers the job's id. */
  async create(request: object): Promise<string> {
    const answer = await this.call('/clusters', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
    return acceptedSchema.parse(await answer.json()).job.id;
  }

  /** Asks for a cluster's deletion with everything it has; answers the job's id. */
  async delete(name: string): Promise<string> {
    const answer = await this.call(`/clusters/${name}?retain=none`, { method: 'DELETE' });
    return acceptedSchema.parse(await answer.json()).job.id;
  }

  async job(id: string): Promise<DemoJob> {
    return jobSchema.parse(await (await this.call(`/jobs/${id}`)).json());
  }

  async cluster(name: string): Promise<DemoCluster> {
    return clusterSchema.parse(await (await this.call(`/clusters/${name}`)).json());
  }

  /** Whether there is no cluster of this name (any more). */
  async isGone(name: string): Promise<boolean> {
    return (await fetch(`${this.url}/clusters/${name}`)).status === 404;
  }

  async kubeconfig(name: string): Promise<string> {
    return (await this.call(`/clusters/${name}/kubeconfig`)).text();
  }

  /** The job's events from its first to its last, live. */
  async *events(id: string): AsyncGenerator<JobEvent> {
    const answer = await this.call(`/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
    if (!answer.body) return;
    let buffer = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      buffer += chunk;
      const messages = buffer.split('\n\n');
      buffer = messages.pop() ?? '';
      for (const message of messages) {
        const data = message.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).join('\n');
        if (data) yield jobEventSchema.parse(JSON.parse(data));
      }
    }
  }

  private async call(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(this.url + path, init);
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return answer;
  }
}

/** An administrator's kubeconfig of a cluster with real nodes, which only its sandbox can give. @param control the sandbox's endpoint */
export async function adminKubeconfig(control: string, name: string): Promise<string> {
  const answer = await fetch(`${control}/clusters/${encodeURIComponent(name)}/kubeconfig`);
  if (!answer.ok) throw new Error(`The sandbox gives no kubeconfig of ${name}: ${await answer.text()}`);
  return z.object({ kubeconfig: z.string() }).parse(await answer.json()).kubeconfig;
}
