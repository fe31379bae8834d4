import { installationSchema, workerBeatSchema, type Installation, type WorkerBeat, type WorkerStatus } from './contract.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { parse, parseJson } from './parsing.js';

/** A worker that has been silent this long is forgotten, in ms. */
const forgottenAfterMs = 3_600_000;

/** Marks this Redis as an installation's, if it is nobody's yet. Answers whose it is. */
export async function claimInstallation(link: Link, installation: Installation): Promise<Installation> {
  const text = await link.call(async (redis) => {
    await redis.set(key('installation'), JSON.stringify(installation), 'NX');
    return redis.get(key('installation'));
  });
  return installationFrom(text) ?? installation;
}

/** The installation that this Redis belongs to. */
export async function installation(link: Link): Promise<Installation | undefined> {
  return installationFrom(await link.call((redis) => redis.get(key('installation'))));
}

function installationFrom(text: string | null): Installation | undefined {
  return text === null ? undefined : parse(parseJson(text, 'installation'), 'installation', installationSchema);
}

/** Notes that a worker is alive. */
export async function workerBeat(link: Link, workerId: string, beat: WorkerBeat): Promise<void> {
  await link.call((redis) => redis.hset(key('workers'), workerId, JSON.stringify(beat)));
}

/** The workers with their last beats; those that have long been silent are dropped. */
export async function workers(link: Link): Promise<WorkerStatus[]> {
  return link.call(async (redis) => {
    const hash = await redis.hgetall(key('workers'));
    const all = Object.entries(hash).map(([id, text]) => ({ id, ...parse(parseJson(text, 'worker'), 'worker', workerBeatSchema) }));
    const silent = all.filter(({ at }) => Date.now() - Date.parse(at) > forgottenAfterMs).map(({ id }) => id);
    if (silent.length > 0) await redis.hdel(key('workers'), ...silent);
    return all.filter(({ id }) => !silent.includes(id));
  });
}
