import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Agent } from 'undici';
import { z } from 'zod';
import { startFleetService, type FleetService } from './fleet-service.js';
import { beginnings, inTurns, wave, type FleetJob } from './fleet-wave.js';
import { ResidentMemory } from './memory.js';
import { readP99 } from './reads.js';
import { clusterRequest, post, read } from './requests.js';
import { journal } from './stand-in-journal.js';
import { median } from './statistics.js';
import type { Figure } from './target.js';

/** Phases in which the engine works; the others wait for machines, or look. */
const enginePhases = ['infrastructure', 'platform', 'drop-platform', 'destroy-infrastructure'];
/** Clusters that a list page has: reads with the whole fleet are compared with those of a store that has no more. */
const page = 50;

/** A life of 100 clusters on the real engine: created, changed and deleted by two workers. */
export async function fleet(): Promise<Figure[]> {
  const service = await startFleetService('ours', 1);
  try {
    const lives = await live(service, fleetSize(100));
    const { created, jobs } = lives;
    const [made, left] = [lives.clustersInTheCloud, (await clustersInTheCloud(service)).length];
    return [
      ...figuresOf('fleet', lives),
      { name: 'fleet: clusters that the cloud does not have once each after the creation', value: Math.abs(created.length - made.length) + (made.length - new Set(made).size), unit: '', target: { atMost: 0 }, basis: `networks in the sandbox's inventory: ${made.length}` },
      { name: 'fleet: clusters left in the cloud after the deletion', value: left, unit: '', target: { atMost: 0 }, basis: 'inventory of the sandbox' },
      { name: 'fleet: the engine\'s share of the jobs\' time', value: 100 * sum(jobs.map(engineTime)) / sum(jobs.map(({ startedAt, endedAt }) => between(startedAt, endedAt))), unit: '%', basis: `phases ${enginePhases.join(', ')} of ${jobs.length} jobs` },
    ];
  } finally {
    await service.stop();
  }
}

/** The same for 2,000 clusters with a stand-in where the operation's process is: what queue, store, workers and API do alone. */
export async function fleetOfStandIns(): Promise<Figure[]> {
  const service = await startFleetService('stand-in', 2);
  try {
    const lives = await live(service, fleetSize(2_000));
    const begun = (await readFile(path.join(service.home, journal), 'utf8')).trim().split('\n');
    const twice = begun.length - new Set(begun).size;
    return [
      ...figuresOf('stand-ins', lives),
      { name: 'stand-ins: operations begun twice or for nobody', value: twice + Math.abs(new Set(begun).size - lives.jobs.length), unit: '', target: { atMost: 0 }, basis: `${begun.length} operations of ${lives.jobs.length} jobs, as the stand-ins wrote them down` },
    ];
  } finally {
    await service.stop();
  }
}

/** `CLUSTERWRIGHT_BENCH_FLEET` makes a fleet smaller, to try the benchmark itself. */
function fleetSize(size: number): number {
  return z.coerce.number().int().min(page + 1).default(size).parse(process.env['CLUSTERWRIGHT_BENCH_FLEET']);
}

interface Lives {
  readonly created: readonly FleetJob[];
  readonly jobs: readonly FleetJob[];
  readonly faults: readonly string[];
  readonly minutes: number;
  readonly reads: Readonly<Record<string, { readonly page: number; readonly fleet: number }>>;
  readonly memory: ResidentMemory;
  readonly clustersInTheCloud: readonly string[];
}

/** Creates, changes and deletes a fleet. The first page of it is made before, so that reads of both can be compared. */
async function live(service: FleetService, size: number): Promise<Lives> {
  const { url } = service;
  const names = Array.from({ length: size }, (_, index) => `fleet-${index}`);
  const memory = new ResidentMemory(service.processes);
  const agent = new Agent({ connections: 4, pipelining: 1 });
  const started = performance.now();
  try {
    const create = (some: readonly string[]): Promise<FleetJob[]> => wave(url, some, (name) => ({ path: '/clusters', init: post(clusterRequest(name)) }));
    const created = await create(names.slice(0, page));
    const reading = performance.now();
    const first = await readAll(url, created[0], agent);
    let paused = performance.now() - reading;
    memory.start();
    created.push(...await create(names.slice(page)));
    const readingAgain = performance.now();
    const last = await readAll(url, created[0], agent);
    const made = await clustersInTheCloud(service);
    paused += performance.now() - readingAgain;
    const changed = await wave(url, names, (name) => ({ path: `/clusters/${name}`, init: { method: 'PATCH', body: JSON.stringify({ labels: { round: 'second' } }) } }));
    const labelled = await inTurns(names, (name) => read(`${url}/clusters/${name}`, z.object({ spec: z.object({ labels: z.record(z.string(), z.string()) }), state: z.string() })));
    const deleted = await wave(url, names, (name) => ({ path: `/clusters/${name}?retain=none`, init: { method: 'DELETE' } }));
    memory.stop();
    const jobs = [...created, ...changed, ...deleted];
    const { items: remaining } = await read(`${url}/clusters`, z.object({ items: z.array(z.object({ name: z.string() })) }));
    const begun = await inTurns(jobs, (job) => beginnings(url, job));
    return {
      created, jobs, memory, clustersInTheCloud: made,
      minutes: (performance.now() - started - paused) / 60_000,
      faults: [
        ...jobs.filter(({ state, attempt }, index) => state !== 'succeeded' || attempt !== 1 || begun[index] !== 1).map(({ id, state, error }) => `job ${id} (${state}${error === null ? '' : `: ${error.detail}`})`),
        ...labelled.flatMap(({ spec, state }, index) => spec.labels['round'] === 'second' && state === 'ready' ? [] : [`the change of ${names[index]}`]),
        ...remaining.map(({ name }) => `${name} is still there`),
      ],
      reads: Object.fromEntries(Object.entries(first).map(([kind, before]) => [kind, { page: before, fleet: last[kind] ?? Number.NaN }])),
    };
  } finally {
    memory.stop();
    await agent.close();
  }
}

function figuresOf(fleetName: string, { created, jobs, faults, minutes, reads, memory }: Lives): Figure[] {
  const size = created.length;
  return [
    { name: `${fleetName}: jobs lost, run twice or without effect`, value: faults.length, unit: '', target: { atMost: 0 }, basis: `${jobs.length} jobs of ${size} clusters, two workers${faults.length === 0 ? '' : `; the first: ${faults[0]}`}` },
    { name: `${fleetName}: clusters a minute`, value: size / minutes, unit: '/min', basis: `${size} created, changed and deleted in ${minutes.toFixed(1)} min` },
    ...Object.entries(reads).map(([kind, { page: before, fleet: after }]): Figure => ({
      name: `${fleetName}: p99 of a ${kind}, ${size} clusters / one page of them`, value: after / before, unit: '×', target: { atMost: 1.2 }, basis: `${after.toFixed(1)} ms against ${before.toFixed(1)} ms, no job running`,
    })),
    ...memory.growth().map(({ process, before, after }): Figure => ({
      name: `${fleetName}: memory of ${process}, last quarter / second quarter`, value: after / before, unit: '×', target: { atMost: 1.2 }, basis: `medians of the resident set: ${after.toFixed(0)} MiB against ${before.toFixed(0)} MiB`,
    })),
  ];
}

/** p99 in milliseconds of each kind of read: the median of five turns, since a turn lasts a second or two and what the workers do in a minute falls into some of them. */
async function readAll(url: string, job: FleetJob | undefined, agent: Agent): Promise<Record<string, number>> {
  if (job === undefined) throw new Error('no cluster was made');
  const paths = { 'list page': `/clusters?limit=${page}`, cluster: `/clusters/${job.cluster}`, job: `/jobs/${job.id}` };
  const result: Record<string, number> = {};
  for (const [kind, place] of Object.entries(paths)) {
    // Once round for warmth, then what counts.
    await readP99(url + place, agent, 200);
    const turns: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) turns.push(await readP99(url + place, agent, 1_000));
    result[kind] = median(turns);
  }
  return result;
}

/** The clusters whose networks the sandbox has. */
async function clustersInTheCloud({ control }: FleetService): Promise<string[]> {
  const { items } = await read(`${control}/inventory`, z.object({ items: z.array(z.object({ type: z.string(), cluster: z.string().nullable() })) }));
  return items.flatMap(({ type, cluster }) => type === 'aws:ec2/vpc:Vpc' && cluster !== null ? [cluster] : []);
}

/** The time in milliseconds in which at least one of the engine's phases ran: some run side by side. */
function engineTime({ phases }: FleetJob): number {
  const spans = phases.filter(({ name }) => enginePhases.includes(name)).flatMap(({ startedAt, endedAt }) => startedAt === null || endedAt === null ? [] : [[startedAt.getTime(), endedAt.getTime()] as const]);
  let [time, until] = [0, 0];
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    time += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return time;
}

function between(from: Date | null, to: Date | null): number {
  return from === null || to === null ? 0 : to.getTime() - from.getTime();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
