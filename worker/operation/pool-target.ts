import type { NodePool } from '../../model/spec.js';
import type { PoolGroup, PoolMachine } from '../cloud/index.js';
import type { DrainableNode } from '../kubernetes/node-drain.js';

/** A machine that is to be ended, with its node where it has one. */
export interface Surplus {
  readonly machine: PoolMachine;
  readonly node: DrainableNode | undefined;
}

/** What is to be done about a pool. */
export interface PoolTarget {
  /** How many machines it has. */
  readonly count: number;
  /** How many it is to have. */
  readonly target: number;
  /** The machines to end, in this order. */
  readonly ends: readonly Surplus[];
  /** Nodes that were marked once and whose machines stay after all. */
  readonly spared: readonly DrainableNode[];
}

/** What a pool's target depends on beside what the cloud has of it. */
export interface PoolWish {
  readonly bounds: Pick<NodePool, 'minNodes' | 'maxNodes'>;
  readonly nodes: readonly DrainableNode[];
  /** Whether an autoscaler takes machines away that nobody needs. */
  readonly autoscaled: boolean;
}

/**
 * Where a pool is to go: its present number, within the new bounds. Without an autoscaler nobody else would ever take a machine away, so a smallest number that was lowered is where it goes then; a machine
 * that somebody has added stays as long as nobody asks for fewer. Removals that were begun are ended, as far as the bounds allow. Pure.
 */
export function poolTarget(group: PoolGroup, { bounds: { minNodes, maxNodes }, nodes, autoscaled }: PoolWish): PoolTarget {
  const machines = group.machines.filter(({ leaving }) => !leaving).map((machine): Surplus => ({ machine, node: nodeOf(machine, nodes) }));
  // Where one of the two lags behind the other, the lesser one ends no machine too many.
  const count = Math.min(group.capacity, machines.length);
  const wanted = !autoscaled && isLowered(group, minNodes) ? minNodes : Math.min(Math.max(count, minNodes), maxNodes);
  const begun = machines.filter(({ node }) => node?.removing === true).length;
  const target = Math.max(minNodes, Math.min(wanted, count - begun));
  const ends = machines.sort(firstToGo).slice(0, Math.max(0, count - target));
  return { count, target, ends, spared: machines.filter((one) => !ends.includes(one)).flatMap(({ node }) => (node?.removing === true ? node : [])) };
}

/** Whether fewer machines are asked for than the cloud keeps at least. */
export function isLowered({ minNodes: before }: Pick<PoolGroup, 'minNodes'>, minNodes: number): boolean {
  return minNodes < before;
}

/** The node on a machine. */
export function nodeOf({ providerId }: Pick<PoolMachine, 'providerId'>, nodes: readonly DrainableNode[]): DrainableNode | undefined {
  return nodes.find((node) => node.providerId?.toLowerCase() === providerId.toLowerCase());
}

/** Those begun with, then those that never joined, then those that are not Ready, then the newest. */
function firstToGo(one: Surplus, other: Surplus): number {
  const rank = ({ node }: Surplus): number => (node?.removing === true ? 0 : node === undefined ? 1 : node.ready ? 3 : 2);
  return rank(one) - rank(other) || (other.node?.createdAt ?? '').localeCompare(one.node?.createdAt ?? '') || other.machine.id.localeCompare(one.machine.id, 'en', { numeric: true });
}
