import { hibernatedReason, type Addon, type Condition, type Observation } from '../../model/cluster.js';
import type { AnnouncedAddon } from './announced-addons.js';
import type { ClusterNode, KubernetesClient, Workload } from './client.js';
import { entrances as entrancesThrough, type Entrance } from './entrances.js';
import type { HelmRelease } from './releases.js';

/** What one look at a cluster saw. */
export interface Seen {
  readonly nodes: readonly ClusterNode[];
  readonly releases: readonly HelmRelease[];
  readonly workloads: readonly Workload[];
  /** What Helm does not run. */
  readonly announced: readonly AnnouncedAddon[];
  readonly entrances: readonly Entrance[];
}

/** Takes one look. Throws KubernetesError when the API server does not answer. */
export async function seenOf(client: KubernetesClient): Promise<Seen> {
  const [nodes, releases, workloads, announced, entrances] = await Promise.all([client.nodes(), client.releases(), client.workloads(), client.announcedAddons(), entrancesThrough(client)]);
  return { nodes, releases, workloads, announced, entrances };
}

/**
 * What is worked out of it: the observation, and what is still missing until all is well. An add-on that is done without Helm, or without, is not missing, but
 * named. Pure.
 */
export function healthOf({ nodes, releases, workloads, announced, entrances }: Seen, at: Date): { observation: Observation; missing: string[] } {
  const observedAt = at.toISOString();
  const unready = nodes.filter((node) => !node.ready).map((node) => node.name);
  const installed = releases.map((release): Addon => ({
    name: release.name, version: release.chartVersion, state: addonState(release, workloads.filter((workload) => belongs(workload, release))),
    url: entrances.find((entrance) => belongs(entrance, release))?.url ?? null,
  }));
  // Helm's word counts: a ConfigMap may be there for a moment longer than what it tells of.
  const others = announced.filter(({ name }) => !installed.some((addon) => addon.name === name)).map(({ name, version, state, reason }): Addon => ({ name, version, state, reason, url: null }));
  const addons = [...installed, ...others].sort((one, other) => one.name.localeCompare(other.name));
  const unwell = installed.filter(({ state }) => state !== 'deployed');
  const condition = (type: Condition['type'], faults: readonly string[], fine: string, bad: string, remarks: readonly string[] = []): Condition => ({
    type, status: faults.length === 0 ? 'True' : 'False', reason: faults.length === 0 ? fine : bad, message: [...faults, ...remarks].join(', '), observedAt,
  });
  return {
    observation: {
      conditions: [
        condition('Reachable', [], 'ApiServerReady', 'ApiServerNotReady'),
        condition('NodesReady', nodes.length === 0 ? ['there are no nodes'] : unready, 'AllReady', 'NotReady'),
        condition('AddonsHealthy', unwell.map(({ name, state }) => `${name}: ${state}`), 'AllHealthy', 'Unhealthy', others.map(({ name, state, reason }) => `${name}: ${state} (${reason ?? ''})`)),
      ],
      nodes: countNodes(nodes),
      addons,
    },
    missing: [
      ...unready.map((name) => `node ${name} is not Ready`),
      ...releases.flatMap((release) => release.status === 'deployed' ? [] : [`release ${release.name} is ${release.status}`]),
      ...workloads.flatMap((workload) => workload.ready >= workload.desired ? [] : [`${workload.kind} ${workload.namespace}/${workload.name} has ${workload.ready} of ${workload.desired} ready`]),
    ],
  };
}

/** The observation of a cluster whose API server does not answer: what was seen before stands, its conditions no longer. */
export function unreachable(before: Observation | undefined, reason: string, at: Date): Observation {
  const observedAt = at.toISOString();
  return {
    conditions: [
      { type: 'Reachable', status: 'False', reason: 'Unreachable', message: reason, observedAt },
      { type: 'NodesReady', status: 'Unknown', reason: 'Unreachable', message: '', observedAt },
      { type: 'AddonsHealthy', status: 'Unknown', reason: 'Unreachable', message: '', observedAt },
    ],
    nodes: before?.nodes ?? { controlPlane: 0, workers: 0 },
    addons: before?.addons ?? [],
  };
}

/** The observation of a cluster whose machines are switched off: nobody looks at it until it is woken. */
export function asleep(before: Observation | undefined, at: Date): Observation {
  const { addons, conditions } = unreachable(before, 'The cluster is hibernated: its machines are switched off.', at);
  return { addons, nodes: { controlPlane: 0, workers: 0 }, conditions: conditions.map((condition) => ({ ...condition, reason: hibernatedReason })) };
}

/** Nodes by what they are. */
export function countNodes(nodes: readonly ClusterNode[]): Observation['nodes'] {
  const controlPlane = nodes.filter((node) => node.controlPlane).length;
  return { controlPlane, workers: nodes.length - controlPlane };
}

function belongs({ release, namespace }: Pick<Workload, 'release' | 'namespace'>, of: HelmRelease): boolean {
  return release === of.name && namespace === of.namespace;
}

function addonState(release: HelmRelease, workloads: readonly Workload[]): Addon['state'] {
  if (release.status.startsWith('pending')) return 'pending';
  if (release.status !== 'deployed') return 'failed';
  return workloads.every((workload) => workload.ready >= workload.desired) ? 'deployed' : 'degraded';
}
