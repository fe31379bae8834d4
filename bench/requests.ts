import { z } from 'zod';

/** The request of the benchmarks: the production template, nothing special. */
export function clusterRequest(name: string): object {
  return {
    name,
    template: 'production',
    provider: 'aws',
    owner: 'bench',
    access: {
      entra: { tenantId: '11111111-1111-4111-8111-111111111111', clientId: '22222222-2222-4222-8222-222222222222' },
      groups: [{ id: '33333333-3333-4333-8333-333333333333', role: 'admin' }],
    },
  };
}

/** A request with a JSON body. */
export function post(body: object): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}

const jobSchema = z.object({ id: z.string(), state: z.string(), createdAt: z.string(), startedAt: z.string().nullable(), endedAt: z.string().nullable(), error: z.object({ detail: z.string() }).nullable() });
/** A job as far as the benchmarks look at it. */
export type BenchJob = z.infer<typeof jobSchema>;

/** Sends a request that makes a job; answers the job's id. Throws on anything but 202. */
export async function submit(url: string, init: RequestInit): Promise<string> {
  const type = init.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const answer = await fetch(url, { ...init, headers: { 'content-type': type } });
  if (answer.status !== 202) throw new Error(`${init.method} ${url} was answered with ${answer.status}: ${await answer.text()}`);
  return z.object({ job: z.object({ id: z.string() }) }).parse(await answer.json()).job.id;
}

/** Waits until a job has ended well. Throws with the job's error otherwise. */
export async function finished(url: string, id: string, pollMs = 50): Promise<BenchJob> {
  const job = await ended(url, id, jobSchema, pollMs);
  if (job.state !== 'succeeded') throw new Error(`job ${id} is ${job.state}: ${job.error?.detail ?? 'no error'}`);
  return job;
}

/** Reads JSON. Asks again where the service says that it cannot answer just now, as callers do; throws on all else. */
export async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  for (;;) {
    const answer = await fetch(url);
    if (answer.ok) return schema.parse(await answer.json());
    const text = await answer.text();
    if (answer.status !== 503) throw new Error(`GET ${url} was answered with ${answer.status}: ${text}`);
    process.stderr.write(`GET ${url} was answered with 503, and is asked again: ${text}\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(answer.headers.get('retry-after') ?? 1)));
  }
}

/** Waits until a job has ended, however it has. */
export async function ended<Job extends { readonly state: string }>(url: string, id: string, schema: z.ZodType<Job>, pollMs: number): Promise<Job> {
  for (;;) {
    const job = await read(`${url}/jobs/${id}`, schema);
    if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
