import { z } from 'zod';
import { ended, read, submit } from './requests.js';

const time = z.coerce.date();
const jobSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  state: z.string(),
  attempt: z.int(),
  error: z.object({ detail: z.string() }).nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  phases: z.array(z.object({ name: z.string(), startedAt: time.nullable(), endedAt: time.nullable() })),
});
/** A job of a fleet that has ended. */
export type FleetJob = z.infer<typeof jobSchema>;

/** Requests under way at once. */
const atOnce = 20;
const pollMs = 250;

/** One change of every cluster of a fleet: asks for all of them, waits until all have ended. @param requestOf what is sent for a cluster, to the path that it names */
export async function wave(url: string, names: readonly string[], requestOf: (name: string) => { readonly path: string; readonly init: RequestInit }): Promise<FleetJob[]> {
  const ids = await inTurns(names, (name) => {
    const { path, init } = requestOf(name);
    return submit(url + path, init);
  });
  // They are begun in about this order, so whoever waits for one after the other asks little.
  const jobs: FleetJob[] = [];
  for (const id of ids) jobs.push(await ended(url, id, jobSchema, pollMs));
  return jobs;
}

/** How often the job was begun, as its events tell. */
export async function beginnings(url: string, { id }: FleetJob): Promise<number> {
  const { items } = await read(`${url}/jobs/${id}/events?limit=200`, z.object({ items: z.array(z.object({ event: z.looseObject({ type: z.string(), state: z.string().optional() }) })) }));
  return items.filter(({ event }) => event.type === 'state' && event.state === 'running').length;
}

/** Does the same for each of them, `atOnce` at a time; answers in their order. */
export async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const waiting = [...items.entries()];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  }));
  return results;
}
