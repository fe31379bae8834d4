import type { Cluster, ClusterExpiries } from '../../client/index.js';
import { formatDuration } from '../durations.js';
import { columns, properties } from './table.js';

/** Clusters, a line each. */
export function clusterList(clusters: readonly Cluster[], now: Date): string {
  const rows = clusters.map(({ name, state, spec, nodes, createdAt, lastJob }) => [
    name, state, spec.provider, spec.region, spec.kubernetesVersion ?? '', `${nodes.controlPlane}+${nodes.workers}`, spec.owner ?? '', formatDuration(now.getTime() - Date.parse(createdAt)), lastJob === null ? '' : `${lastJob.kind} ${lastJob.state}`,
  ]);
  return columns(['name', 'state', 'provider', 'region', 'version', 'nodes', 'owner', 'age', 'last job'], rows);
}

/** What ends, of all clusters, a line each: what ends first comes first. */
export function expiryList(clusters: readonly ClusterExpiries[]): string {
  const all = clusters.flatMap(({ cluster, expiries }) => expiries.map((expiry) => ({ cluster, ...expiry }))).sort((a, b) => a.endsAt.localeCompare(b.endsAt));
  return columns(['ends', 'cluster', 'what', 'name', 'node'], all.map(({ cluster, kind, name, node, endsAt }) => [endsAt, cluster, kind, name, node ?? '']));
}

/** A cluster with what people ask about first. */
export function clusterDetails(cluster: Cluster): string {
  return properties(clusterRows(cluster));
}

/** The same, as rows. */
export function clusterRows({ name, state, simulated, spec, version, endpoint, zones, nodes, addons, createdAt, lastJob, conditions }: Cluster): [string, string][] {
  return [
    ['cluster', `${name} (${[state, ...(simulated ? ['simulated'] : []), ...(spec.protect ? ['protected'] : [])].join(', ')})`],
    ['owner', spec.owner ?? ''],
    ['where', `${spec.provider} ${spec.region}, account ${spec.account ?? ''}, zones ${zones.join(', ')}`],
    ['Kubernetes', spec.kubernetesVersion ?? ''],
    ['endpoint', endpoint ?? 'none yet'],
    ['nodes', `${nodes.controlPlane} control planes, ${nodes.workers} workers`],
    ['control plane', `${spec.controlPlane.replicas} × ${spec.controlPlane.machineType}`],
    ...spec.nodePools.map((pool): [string, string] => ['node pools', `${pool.name}: ${pool.machineType}, ${pool.minNodes} to ${pool.maxNodes} nodes`]),
    ...(spec.access.groups ?? []).map((group): [string, string] => ['access', `${group.role}: ${group.id}${group.namespaces === undefined || group.namespaces.length === 0 ? '' : ` in ${group.namespaces.join(', ')}`}`]),
    ...addons.map((addon): [string, string] => ['add-ons', `${addon.name} ${addon.version}${addon.state === 'deployed' ? '' : ` (${[addon.state, addon.reason].filter(Boolean).join(': ')})`}`]),
    ...conditions.map(({ type, status, message }): [string, string] => ['conditions', `${type}: ${status}${message === '' ? '' : ` (${message})`}`]),
    ['last job', lastJob === null ? 'none' : `${lastJob.id} (${lastJob.kind}, ${lastJob.state})`],
    ['created', createdAt],
    ['record', `version ${version}`],
  ];
}
