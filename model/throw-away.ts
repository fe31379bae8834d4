import { isClusterwrightError, type Fault } from './errors.js';
import type { Json } from './merge-patch.js';
import { resolveOver, type ResolveContext } from './resolve.js';
import type { ClusterSpec } from './spec.js';

/** Label of a cluster that was made for a drill: the name of the cluster that it is a drill of. */
export const drillLabel = 'drill-of';

/** The name of a cluster that is made for a drill, by its uid. */
export function throwAwayName(uid: string): string {
  return `drill-${uid.slice(0, 8)}`;
}

/**
 * The spec of a cluster that a backup of another is restored into for a try: that one's, with as few nodes as its pools may have, and without what acts on others: delivery from Git, names in DNS, entrances for the world, receivers and
 * services that are told something, storage outside, pipelines, temporary access, calendars. Pure.
 */
export function throwAwaySpec(spec: ClusterSpec, name: string): ClusterSpec {
  const { gitops: _gitops, snyk: _snyk, datadog: _datadog, drift: _drift, hibernation: _hibernation, maintenance: _maintenance, ...kept } = spec;
  const { platform, access, recovery } = spec;
  return {
    ...kept,
    name,
    labels: { ...spec.labels, [drillLabel]: spec.name },
    nodePools: spec.nodePools.map((pool) => ({ ...pool, maxNodes: Math.max(1, pool.minNodes) })),
    access: { ...access, pipelines: [], grants: [] },
    namespaces: spec.namespaces.map((namespace) => ({ ...namespace, repositories: [] })),
    platform: { ...platform, gitops: 'none', dns: 'none', ingress: 'none', gateway: 'none', hostedMonitoring: 'none', scanning: platform.scanning === 'snyk' ? 'none' : platform.scanning },
    storage: { classes: [], volumes: [] },
    dns: { zones: [] },
    alerting: { receivers: [] },
    webhooks: [],
    recovery: { targets: recovery.targets },
    protect: false,
    deletion: { retain: 'none' },
  };
}

/** The same with a merge patch over it, and every fault of what comes out, whose pointers lead into the patch. Who asks for it says where it is made, and not whose it is or what it is called. */
export function resolveThrowAway(source: ClusterSpec, name: string, patch: Json, context: ResolveContext): { readonly spec: ClusterSpec; readonly faults: readonly Fault[] } {
  const whole = throwAwaySpec(source, name);
  try {
    const spec = resolveOver(whole, patch, context);
    return { spec, faults: [
      ...(spec.name === name ? [] : [{ pointer: '/in/name', detail: 'must be absent: the service gives it a name' }]),
      ...(spec.owner === source.owner ? [] : [{ pointer: '/in/owner', detail: 'must be absent: it has the owner of the cluster that it is a drill of' }]),
      ...(spec.access.grants.length === 0 ? [] : [{ pointer: '/in/access/grants', detail: 'must be absent' }]),
      ...(spec.platform.backup === 'velero' || source.platform.backup !== 'velero' ? [] : [{ pointer: '/in/platform/backup', detail: 'must be "velero", which restores the backup' }]),
    ] };
  } catch (error) {
    if (!isClusterwrightError(error) || error.code !== 'invalid-spec') throw error;
    return { spec: whole, faults: (error.faults ?? []).map(({ pointer, detail }) => ({ pointer: `/in${pointer}`, detail })) };
  }
}
