import { observationSchema, type ClusterRecord, type Observation } from '../model/cluster.js';
import { ignoredFindingSchema, openFindings, type IgnoredFinding } from '../model/drift.js';
import { expiryKinds, type ExpiryKind, type FirstEnds } from '../model/expiry.js';
import { reportSchema, type Report, type ReportKind, type ReportOf } from '../model/report.js';
import type { Usage } from '../model/tenancy.js';
import type { ClusterFilter, ListedCluster, Page, PageRequest } from './contract.js';
import { cursorBehind, itemBefore } from './cursor.js';
import { clusterFields, clusterFrom, observationFrom, reportFrom } from './fields.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { parse, parseJson } from './parsing.js';
import { namesReply } from './replies.js';
import { Script } from './script.js';

const pageScript = new Script('page');
const observeScript = new Script('observe');

/** The next cluster's number. A number that nobody uses in the end is lost, which does not matter. */
export async function nextSlot(link: Link): Promise<number> {
  return link.call((redis) => redis.incr(key('slots')));
}

/** A cluster by its name. */
export async function getCluster(link: Link, name: string): Promise<ClusterRecord | undefined> {
  return clusterFrom(await link.call((redis) => redis.hmget(key('cluster', name), ...clusterFields)));
}

/** What was last seen of a cluster. */
export async function getObservation(link: Link, name: string): Promise<Observation | undefined> {
  return observationFrom(await link.call((redis) => redis.get(key('observation', name))));
}

/** Keeps what was seen of a cluster, if that very one (by uid) still exists. Looking is no change: the version stays. */
export async function observe(link: Link, name: string, uid: string, observation: Observation): Promise<void> {
  const stopped = observation.conditions.find(({ type, status }) => type === 'NodeReplacement' && status === 'False')?.reason;
  await link.call((redis) => observeScript.run(redis, { name, uid, stopped }, [JSON.stringify(parse(observation, 'observation to be stored', observationSchema))]));
}

/** How many ready clusters there are whose machines are not replaced any more, by the reason. One that is not ready is not looked at, and what it said last does not count. */
export async function stoppedReplacements(link: Link): Promise<ReadonlyMap<string, number>> {
  return link.call(async (redis) => {
    const stopped = Object.entries(await redis.hgetall(key('replacement-stopped')));
    const states = await Promise.all(stopped.map(([name]) => redis.hget(key('cluster', name), 'state')));
    const counts = new Map<string, number>();
    for (const [index, [, reason]] of stopped.entries()) if (states[index] === 'ready') counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return counts;
  });
}

/**
 * Keeps what was found out about a cluster, in the place of the last report of that kind, if that very one (by uid) still exists.
 * @param ends when the first of each kind ends of what the cluster has, in milliseconds since 1970, where that is what was found out
 */
export async function report(link: Link, name: string, uid: string, found: Report, ends?: FirstEnds): Promise<void> {
  await link.call((redis) => observeScript.run(redis, { name, uid, report: found.kind, ends, drifted: found.kind === 'drift' && found.findings.length > 0, behind: found.kind === 'machine-images' && found.machines.some((machine) => machine.behind) }, [JSON.stringify(parse(found, 'report to be stored', reportSchema))]));
}

/** Leaves a finding aside, in the place of what was said of it before, if that very cluster (by uid) still exists. */
export async function ignoreFinding(link: Link, name: string, uid: string, ignored: IgnoredFinding): Promise<void> {
  await link.call((redis) => observeScript.run(redis, { name, uid, ignore: ignored.finding }, [JSON.stringify(ignored)]));
}

/** Leaves a finding aside no longer. */
export async function noticeFinding(link: Link, name: string, uid: string, finding: string): Promise<void> {
  await link.call((redis) => observeScript.run(redis, { name, uid, notice: finding }));
}

/** What was left aside of a cluster's drift; the time of some may have passed. */
export async function ignoredFindings(link: Link, name: string): Promise<IgnoredFinding[]> {
  const texts = await link.call((redis) => redis.hvals(key('drift-ignored', name)));
  return texts.map((text) => parse(parseJson(text, 'ignored finding'), 'ignored finding', ignoredFindingSchema)).sort((one, other) => (one.finding < other.finding ? -1 : 1));
}

/** How many clusters there are whose last check found drift that nobody has accepted or left aside. */
export async function drifted(link: Link, now: Date): Promise<number> {
  const names = await link.call((redis) => redis.smembers(key('drifted')));
  const open = await Promise.all(names.map(async (name) => {
    const [found, cluster, ignored] = await Promise.all([getReport(link, name, 'drift'), getCluster(link, name), ignoredFindings(link, name)]);
    return found !== undefined && openFindings(found, cluster?.spec.drift?.accepted, ignored, now).length > 0;
  }));
  return open.filter(Boolean).length;
}

/** How many clusters there are with machines that are behind the current image or the release of their minor. */
export async function behind(link: Link): Promise<number> {
  return link.call((redis) => redis.scard(key('behind')));
}

/** How many clusters there are of which something of each kind ends before a time, or has ended. */
export async function endingBefore(link: Link, time: Date): Promise<Readonly<Record<ExpiryKind, number>>> {
  return link.call(async (redis) => {
    const counts = await Promise.all(expiryKinds.map(async (kind) => [kind, await redis.zcount(key(`ending:${kind}`), '-inf', time.getTime())] as const));
    return Object.fromEntries(counts) as Record<ExpiryKind, number>;
  });
}

/** The last report of a kind about a cluster. */
export async function getReport<Kind extends ReportKind>(link: Link, name: string, kind: Kind): Promise<ReportOf<Kind> | undefined> {
  return reportFrom(await link.call((redis) => redis.hget(key('reports', name), kind)), kind);
}

/** What an owner's clusters come to, but for one of them. */
export async function usage(link: Link, owner: string, except: string): Promise<Usage> {
  return link.call(async (redis) => {
    const names = (await redis.zrange(key('clusters', 'owner', owner), '0', '-1')).filter((name) => name !== except);
    const nodes = await Promise.all(names.map((name) => redis.hget(key('cluster', name), 'nodes')));
    return { clusters: names.length, nodes: nodes.reduce((sum, count) => sum + Number(count ?? 0), 0) };
  });
}

/** A page of clusters by name. */
export async function listClusters(link: Link, filter: ClusterFilter, { limit, cursor }: PageRequest): Promise<Page<ListedCluster>> {
  const after = cursor === undefined ? undefined : itemBefore('clusters', cursor);
  return link.call(async (redis) => {
    const pages = await Promise.all(filtersByOwner(filter).map(async (one) => namesReply.parse(await pageScript.run(redis, { indices: indicesOf(one), after, limit: limit + 1 }))));
    const names = pages.flat().sort().slice(0, limit + 1);
    const shown = names.slice(0, limit);
    const [replies, observations] = await Promise.all([
      Promise.all(shown.map((name) => redis.hmget(key('cluster', name), ...clusterFields))),
      shown.length === 0 ? [] : redis.mget(shown.map((name) => key('observation', name))),
    ]);
    const items = replies.flatMap((reply, index) => {
      const cluster = clusterFrom(reply);
      // It may have gone or moved on between the two reads.
      return cluster && matches(cluster, filter) ? [{ cluster, observation: observationFrom(observations[index] ?? null) }] : [];
    });
    const last = shown.at(-1);
    return { items, nextCursor: names.length > limit && last !== undefined ? cursorBehind('clusters', last) : null };
  });
}

/** A filter for each of the owners: a cluster has one, so that pages of them put together have it once. */
function filtersByOwner({ owners, ...filter }: ClusterFilter): ClusterFilter[] {
  return owners?.map((owner) => ({ ...filter, owner })).filter(({ owner }) => (filter.owner ?? owner) === owner) ?? [filter];
}

function indicesOf({ provider, state, owner }: Omit<ClusterFilter, 'owners'>): string[] {
  const indices = Object.entries({ provider, state, owner }).flatMap(([name, value]) => (value === undefined ? [] : [`clusters:${name}:${value}`]));
  return indices.length === 0 ? ['clusters'] : indices;
}

function matches(cluster: ClusterRecord, { provider, state, owner, owners }: ClusterFilter): boolean {
  return (owners?.includes(cluster.spec.owner) ?? true) && (provider ?? cluster.spec.provider) === cluster.spec.provider && (state ?? cluster.state) === cluster.state && (owner ?? cluster.spec.owner) === cluster.spec.owner;
}
