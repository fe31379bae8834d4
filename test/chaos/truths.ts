import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { phasesOf, type JobKind } from '../../model/job.js';
import { stackKinds, stackName } from '../../model/names.js';
import { connect, Store } from '../../store/index.js';
import { ways } from '../../worker/cloud/aws/finding/ways.js';
import { packageRoot } from '../../worker/package-root.js';
import type { Inventory } from '../support/portal.js';
import { redisOf } from '../support/redis.js';
import { operationProcesses } from './processes.js';

const run = promisify(execFile);
const exportSchema = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), id: z.string().optional(), urn: z.string() })).default([]),
    pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).default([]),
  }),
});

/** What must hold after each round. Every function answers the sentences that are not true. */

/**
 * What the state of the infrastructure knows is what the cloud has, to the resource; nothing is pending in either stack. Of a cluster that was settled and
 * not `completed`, the state need not know what is not looked for, because making it again comes to the same.
 */
export async function stateFaults(home: string, cluster: string, inventory: Inventory, { completed = true } = {}): Promise<string[]> {
  const faults: string[] = [];
  const known = new Set<string>();
  for (const kind of stackKinds) {
    const { deployment } = await exported(home, stackName(cluster, kind));
    faults.push(...deployment.pending_operations.map(({ type, resource }) => `${kind}: pending ${type} of ${resource.urn}`));
    if (kind === 'infrastructure') for (const { type, id } of deployment.resources) if (type.startsWith('aws:') && id !== undefined) known.add(`${type} ${id}`);
  }
  // Groups start their machines themselves; all else is the engine's.
  const groups = new Set(inventory.items.filter(({ type }) => type === 'aws:autoscaling/group:Group').map(({ id }) => id));
  const there = inventory.items.filter(({ parent }) => parent === null || !groups.has(parent)).map(({ type, id }) => ({ resource: `${type} ${id}`, again: ways[type]?.by === 'again' }));
  const names = new Set(there.map(({ resource }) => resource));
  for (const resource of known) if (!names.has(resource)) faults.push(`the state has ${resource}, the cloud does not`);
  for (const { resource, again } of there) if (!known.has(resource) && (completed || !again)) faults.push(`the cloud has ${resource}, the state does not`);
  return faults;
}

async function exported(home: string, stack: string): Promise<z.infer<typeof exportSchema>> {
  const root = packageRoot();
  const { stdout: environment } = await run(process.execPath, ['dist/bin/ops.js', 'env'], { cwd: root, env: { ...process.env, CLUSTERWRIGHT_HOME: home } });
  const shell = 'set -a; eval "$1"; cd "$2"; exec pulumi stack export --stack "$3"';
  const { stdout } = await run('bash', ['-c', shell, 'bash', environment, root, stack], { maxBuffer: 256 * 2 ** 20 });
  return exportSchema.parse(JSON.parse(stdout));
}

/**
 * Nothing of a finished operation is left: no process, work folder, lock or lease. What ends a moment after the job is given that moment. Without an
 * address, Redis is the embedded one.
 */
export async function leftovers(home: string, redisUrl?: string): Promise<string[]> {
  const url = redisUrl ?? (await redisOf(home)).url;
  let found: string[] = [];
  for (let round = 0; round < 40; round += 1) {
    found = await leftNow(home, url);
    if (found.length === 0) return [];
    await wait(250);
  }
  return found;
}

async function leftNow(home: string, redisUrl: string): Promise<string[]> {
  const redis = connect(redisUrl, 'chaos');
  try {
    const [processes, folders, locks, leases] = await Promise.all([
      operationProcesses(home),
      readdir(path.join(home, 'work')).catch(() => []),
      locksIn(path.join(home, 'state/.pulumi/locks')),
      new Store(redis).leases(),
    ]);
    return [
      ...processes.map(({ pid, command }) => `process ${pid} is left: ${command.slice(0, 120)}`),
      ...folders.map((folder) => `work folder ${folder} is left`),
      ...locks.map((lock) => `lock ${lock} is left`),
      ...leases.map(({ jobId }) => `the lease of job ${jobId} is left`),
    ];
  } finally {
    redis.disconnect();
  }
}

async function locksIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((file) => file.endsWith('.json'));
}

type ListedEvent = { id: string; event: { type: string; [key: string]: unknown } };

/** The stream of a job tells its story once: ids grow, states and phases come in order, a live reader has seen just what the list has. */
export function streamFaults(kind: JobKind, events: readonly ListedEvent[], live: readonly string[]): string[] {
  const faults: string[] = [];
  const ids = events.map(({ id }) => id);
  ids.forEach((id, index) => {
    const before = ids[index - 1];
    if (before !== undefined && !grows(before, id)) faults.push(`event ${id} follows ${before}`);
  });
  if (JSON.stringify(ids) !== JSON.stringify(live)) {
    const missed = ids.filter((id) => !live.includes(id));
    faults.push(`a live reader saw ${live.length} of ${ids.length} events, and ${live.length - new Set(live).size} twice; missed: ${missed.slice(0, 3).join(', ')}`);
  }
  const states = events.filter(({ event }) => event.type === 'state').map(({ event }) => `${String(event['state'])} ${String(event['attempt'])}`);
  if (states[0] !== 'queued 1') faults.push(`the first state is ${states[0]}`);
  if (new Set(states).size !== states.length) faults.push(`a state is told twice: ${states.join(', ')}`);
  const finals = states.filter((state) => /^(succeeded|failed|cancelled) /.test(state));
  if (finals.length !== 1 || states.at(-1) !== finals[0]) faults.push(`the end is not told once and last: ${states.join(', ')}`);
  return [...faults, ...phaseFaults(kind, events)];
}

/** Within each attempt the phases come in order, each begun once; a job that succeeded has gone through all of them in its last attempt. */
function phaseFaults(kind: JobKind, events: readonly ListedEvent[]): string[] {
  const faults: string[] = [];
  let begun: string[] = [];
  let done: string[] = [];
  for (const { event } of events) {
    if (event.type === 'state') {
      if (event['state'] === 'succeeded' && JSON.stringify(done) !== JSON.stringify(phasesOf[kind])) faults.push(`the job succeeded after the phases ${done.join(', ')}`);
      if (event['state'] === 'running' || event['state'] === 'cancelling') continue;
    }
    if (event.type !== 'phase') continue;
    const phase = String(event['phase']);
    // A new attempt goes through the phases from the first one.
    if (phase === phasesOf[kind][0] && event['state'] === 'running') [begun, done] = [[], []];
    if (event['state'] === 'running') {
      if (phasesOf[kind][begun.length] !== phase) faults.push(`the phase ${phase} begins after ${begun.join(', ') || 'nothing'}`);
      begun.push(phase);
    }
    if (event['state'] === 'succeeded') done.push(phase);
  }
  return faults;
}

/** Ids of a stream are `milliseconds-number`. */
function grows(before: string, after: string): boolean {
  const [[a = 0, b = 0], [c = 0, d = 0]] = [before.split('-').map(Number), after.split('-').map(Number)];
  return c > a || (c === a && d > b);
}
