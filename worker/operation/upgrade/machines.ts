import type { ControlPlaneOutput } from '../../../programs/provider.js';
import type { PoolGroup } from '../../cloud/index.js';
import type { DrainableNode } from '../../kubernetes/node-drain.js';
import { isOn } from '../phases/nodes.js';
import { nodeOf, type Surplus } from '../pool-target.js';

/** A control plane whose machine is not new, with its node. */
export interface OldMachine {
  readonly machine: ControlPlaneOutput;
  readonly node: DrainableNode;
}

/** Number of a control plane: `NAME-cp-1` is 1. Pure. */
export function numberOf({ name }: Pick<ControlPlaneOutput, 'name'>): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** The control plane to replace next: one that is not Ready first, for it is no help to etcd, else by number. Undefined where all of those that have joined are new. Pure. */
export function nextOldMachine(machines: readonly ControlPlaneOutput[], nodes: readonly DrainableNode[], isNew: (node: DrainableNode) => boolean): OldMachine | undefined {
  const old = machines.flatMap((machine): OldMachine[] => {
    const node = nodes.find((candidate) => isOn(candidate, machine.id));
    return node === undefined || isNew(node) ? [] : [{ machine, node }];
  });
  return old.find(({ node }) => !node.ready) ?? old[0];
}

/** Who takes the member of a control plane that goes out of etcd: one that is Ready and stays, a new one if there is one, because those know every order. Pure. */
export function staying(machines: readonly ControlPlaneOutput[], nodes: readonly DrainableNode[], leaving: ControlPlaneOutput, isNew: (node: DrainableNode) => boolean): DrainableNode | undefined {
  const others = machines.filter(({ id }) => id !== leaving.id).flatMap(({ id }) => nodes.find((node) => isOn(node, id) && node.ready) ?? []);
  return others.find(isNew) ?? others[0];
}

/**
 * The machines of a pool whose nodes are not new, in the order in which they go: the one whose replacement was begun, then those that are not Ready, then the oldest. A machine without a node is not among them: it
 * has nothing to be told by, and is waited for. Pure.
 */
export function oldMachines({ machines }: Pick<PoolGroup, 'machines'>, nodes: readonly DrainableNode[], isNew: (node: DrainableNode) => boolean): (Surplus & { readonly node: DrainableNode })[] {
  const rank = ({ surgeTo, ready }: DrainableNode): number => (surgeTo !== undefined ? 0 : ready ? 2 : 1);
  return machines.filter(({ leaving }) => !leaving)
    .flatMap((machine) => {
      const node = nodeOf(machine, nodes);
      return node === undefined || isNew(node) ? [] : [{ machine, node }];
    })
    .sort((one, other) => rank(one.node) - rank(other.node) || one.node.createdAt.localeCompare(other.node.createdAt) || one.node.name.localeCompare(other.node.name));
}

/** What is still missing until a pool holds this many machines, each of them either old or new and Ready. Pure. */
export function missingMachines({ pool, machines }: Pick<PoolGroup, 'pool' | 'machines'>, nodes: readonly DrainableNode[], { isNew, count }: { readonly isNew: (node: DrainableNode) => boolean; readonly count: number }): string[] {
  const held = machines.filter(({ leaving }) => !leaving);
  const without = held.filter((machine) => nodeOf(machine, nodes) === undefined).length;
  const unready = held.flatMap((machine) => nodeOf(machine, nodes) ?? []).filter((node) => isNew(node) && !node.ready).map(({ name }) => name);
  return [
    ...(held.length < count ? [`pool ${pool} has ${held.length} of ${count} machines`] : []),
    ...(without > 0 ? [`pool ${pool}: ${without} of its machines ${without === 1 ? 'has' : 'have'} not joined`] : []),
    ...unready.map((name) => `node ${name} is not Ready`),
  ];
}
