import type { StopReason, UnhealthyMachine } from '../model/node-health.js';
import type { ClusterSpec } from '../model/spec.js';
import type { ControlPlaneMachine, PoolGroup } from './cloud/index.js';
import { partOfPool } from './cloud/parts.js';
import type { ClusterNode } from './kubernetes/client.js';
import { isOn } from './operation/phases/nodes.js';

/** A cluster's machines, as cloud and Kubernetes have them at one moment. */
export interface SeenMachines {
  readonly nodes: readonly ClusterNode[];
  readonly controlPlanes: readonly ControlPlaneMachine[];
  readonly pools: readonly PoolGroup[];
}

/** What is to be done about the machines of a cluster that has nothing else to do. */
export type Verdict =
  | { readonly kind: 'well' }
  /** Some are not well, and it is not known yet how many it will be. */
  | { readonly kind: 'waiting'; readonly nodes: readonly string[] }
  | { readonly kind: 'replace'; readonly machines: readonly UnhealthyMachine[] }
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly message: string };

/** Machines that can stand in for each other. */
interface Group {
  readonly name: string;
  readonly size: number;
  /** How many of them may be replaced at once. */
  readonly most: number;
  readonly unhealthy: readonly UnhealthyMachine[];
  /** Nodes that have not been Ready for less than the time that counts. */
  readonly recent: readonly string[];
}

type Judged = Pick<ClusterSpec, 'controlPlane' | 'nodePools' | 'nodeHealth'>;

/**
 * Works out which machines are to be replaced. Nothing is while more than the limits allow is not well in any group: what takes many machines at once is no fault of theirs, and a job would wait in vain for those that are
 * left. Nothing is either while a node has just stopped being Ready, so that a storm is seen whole before it is acted on. Pure.
 */
export function verdictOn(spec: Judged, seen: SeenMachines, now: Date): Verdict {
  const groups = [controlPlane(spec, seen, now), ...seen.pools.flatMap((group) => pool(spec, group, seen, now) ?? [])];
  const beyond = groups.filter(({ unhealthy, most }) => unhealthy.length > most);
  if (beyond.length > 0) {
    const reason = beyond.some(({ most }) => most === 0) ? 'NoQuorum' : 'TooManyUnhealthy';
    return { kind: 'stopped', reason, message: beyond.map(({ name, size, most, unhealthy }) => `${name}: ${unhealthy.length} of ${size} machines are not well (${unhealthy.map(named).join(', ')}), and at most ${most} may be replaced`).join('; ') };
  }
  const recent = groups.flatMap((group) => group.recent);
  if (recent.length > 0) return { kind: 'waiting', nodes: recent };
  const machines = groups.flatMap((group) => group.unhealthy);
  return machines.length === 0 ? { kind: 'well' } : { kind: 'replace', machines };
}

/** What a machine is called in words. */
export function named({ part, machine, node }: UnhealthyMachine): string {
  return node ?? machine ?? part;
}

/** One control plane at a time, and only where the others are a majority of etcd without it. All others have to be Ready: whoever is not is unhealthy too, or has been Ready a moment ago. */
function controlPlane(spec: Judged, { nodes, controlPlanes }: SeenMachines, now: Date): Group {
  const { replicas } = spec.controlPlane;
  const recent: string[] = [];
  const unhealthy = Array.from({ length: replicas }, (_, index) => `cp-${index + 1}`).flatMap((part): UnhealthyMachine[] => {
    const machine = controlPlanes.find((one) => one.part === part);
    if (machine === undefined) return [{ part, machine: null, node: null, reason: 'gone', hold: null }];
    const node = nodes.find((one) => isOn(one, machine.id));
    const found = { part, machine: machine.id, node: node?.name ?? null, hold: null };
    if (machine.power === 'off') return [{ ...found, reason: 'stopped' }];
    // A cluster that is ready has had all of them.
    if (node === undefined) return [{ ...found, reason: 'no-node' }];
    if (node.ready) return [];
    if (isRecent(spec, node, now)) recent.push(node.name);
    return isRecent(spec, node, now) ? [] : [{ ...found, reason: 'not-ready' }];
  });
  return { name: 'control plane', size: replicas, most: replicas < 3 ? 0 : 1, unhealthy, recent };
}

/**
 * Undefined for a pool that the spec does not have any more. A machine without a node may be one that has just been started, by the cloud or an autoscaler: it is left to them. Machines that
 * have gone are missed where the pool is below its smallest number, which on AWS the cloud itself sees to.
 */
function pool(spec: Judged, { pool: name, capacity, machines }: PoolGroup, { nodes }: SeenMachines, now: Date): Group | undefined {
  const bounds = spec.nodePools.find((one) => one.name === name);
  if (bounds === undefined) return undefined;
  const part = partOfPool(name);
  const hold = Math.max(capacity, bounds.minNodes);
  const unready = machines.filter(({ leaving }) => !leaving).flatMap(({ id }) => {
    const node = nodes.find((one) => isOn(one, id));
    return node === undefined || node.ready ? [] : [{ id, node }];
  });
  const recent = unready.filter(({ node }) => isRecent(spec, node, now));
  return {
    name: `pool ${name}`, size: hold, most: Math.max(1, Math.floor((hold * spec.nodeHealth.maxUnhealthyPercent) / 100)), recent: recent.map(({ node }) => node.name),
    unhealthy: [
      ...unready.filter((one) => !recent.includes(one)).map(({ id, node }): UnhealthyMachine => ({ part, machine: id, node: node.name, reason: 'not-ready', hold })),
      ...Array.from({ length: hold - capacity }, (): UnhealthyMachine => ({ part, machine: null, node: null, reason: 'gone', hold })),
    ],
  };
}

function isRecent({ nodeHealth: { unhealthyAfterSeconds } }: Judged, { changedAt }: ClusterNode, now: Date): boolean {
  return changedAt === undefined || now.getTime() - Date.parse(changedAt) < unhealthyAfterSeconds * 1000;
}
