import { key } from './keys.js';
import type { Link } from './link.js';

/** A round through the clusters takes less, and there is one every minute; what none of them tells any more is not known. */
const missedSeconds = 600;

/** How many clusters there are whose last drill of a kind failed. The end of a drill notes it, so that a scrape need not look at all clusters. */
export async function failedDrills(link: Link): Promise<number> {
  return (await link.call((redis) => redis.sunion(key('drills-failed'), key('cluster-drills-failed')))).length;
}

/** When the last drill of a kind that succeeded ended, by the names of the clusters that it was one of. */
export async function succeededDrills(link: Link, kind: 'drill' | 'cluster-drill'): Promise<ReadonlyMap<string, string>> {
  return new Map(Object.entries(await link.call((redis) => redis.hgetall(key(`${kind}s-succeeded`)))));
}

/** Notes how many clusters have missed their drills. */
export async function tellMissedDrills(link: Link, count: number): Promise<void> {
  await link.call((redis) => redis.set(key('drills-missed'), count, 'EX', missedSeconds));
}

/** What was noted last; undefined where that is long ago. */
export async function missedDrills(link: Link): Promise<number | undefined> {
  const count = await link.call((redis) => redis.get(key('drills-missed')));
  return count === null ? undefined : Number(count);
}
