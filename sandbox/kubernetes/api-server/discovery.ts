import type { JsonRecord } from '../json.js';
import type { KindEntry } from './kinds.js';

/** What `gitVersion` ends in on a simulated API server, and what tells it from a real one. */
export const simulatedMarker = '+simulated';

/** Answer of `/version`. `release` is a Kubernetes release without `v`, such as `1.35.0`. */
export function versionInfo(release: string): JsonRecord {
  const [major = '1', minor = '0'] = release.split('.');
  return {
    major, minor, gitVersion: `v${release}${simulatedMarker}`, gitCommit: '', gitTreeState: 'clean', buildDate: '2026-01-01T00:00:00Z',
    goVersion: '', compiler: '', platform: 'linux/amd64',
  };
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update'];

/**
 * The discovery documents: `/api`, `/api/v1`, `/apis`, `/apis/<group>` and `/apis/<group>/<version>`; undefined for any other path. They hold what
 * a client needs to map kinds to paths; the aggregated form and OpenAPI are not served.
 */
export function discovery(kinds: readonly KindEntry[], path: readonly string[]): JsonRecord | undefined {
  const [root, group, version, ...rest] = path;
  if (rest.length > 0) return undefined;
  if (root === 'api') {
    if (group === undefined) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    return group === 'v1' && version === undefined ? resourceList(kinds.filter((kind) => kind.group === ''), 'v1') : undefined;
  }
  if (root !== 'apis') return undefined;
  const groups = [...new Set(kinds.filter((kind) => kind.group !== '').map((kind) => kind.group))];
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupInfo(kinds, name)) };
  if (!groups.includes(group)) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupInfo(kinds, group) };
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  return served.length === 0 ? undefined : resourceList(served, `${group}/${version}`);
}

function groupInfo(kinds: readonly KindEntry[], group: string): JsonRecord {
  const versions = [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))].map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceList(kinds: readonly KindEntry[], groupVersion: string): JsonRecord {
  const resources = kinds.flatMap((kind) => {
    const base = { singularName: kind.kind.toLowerCase(), namespaced: kind.namespaced, kind: kind.kind };
    const main = { name: kind.plural, ...base, verbs, ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }) };
    return kind.hasStatus === false ? [main] : [main, { name: `${kind.plural}/status`, ...base, verbs: ['get', 'patch', 'update'] }];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}
