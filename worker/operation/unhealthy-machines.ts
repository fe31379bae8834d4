import type { UnhealthyMachine } from '../../model/node-health.js';
import { poolOfPart } from '../cloud/parts.js';
import type { ClusterNode } from '../kubernetes/client.js';
import { forgetNode } from '../kubernetes/node-drain.js';
import type { OperationContext } from './context.js';
import { deleteControlPlane } from './control-plane-machine.js';
import { lookAtCluster } from './kubernetes.js';
import { tell } from './kubernetes-made.js';
import { MachineRemoval } from './machine-removal.js';
import { isOn } from './phases/nodes.js';

const words: Readonly<Record<UnhealthyMachine['reason'], string>> = {
  gone: 'its machine is gone', stopped: 'its machine does not run', 'not-ready': 'its node is not Ready', 'no-node': 'it has no node any more',
};

/**
 * Ends those machines of a repair that are still there and still not well, and has pools hold as many as before; control planes are made again by the phases that follow. Nothing is drained: nobody answers on these machines, or has
 * not for a long time. Whoever comes after a crash finds them gone, and goes on.
 */
export async function endUnhealthy(context: OperationContext, machines: readonly UnhealthyMachine[], signal: AbortSignal): Promise<void> {
  context.connection = context.cluster?.connection ?? undefined;
  for (const unhealthy of machines) {
    tell(context, 'warning', `${unhealthy.part}${unhealthy.node === null ? '' : ` (${unhealthy.node})`} is replaced: ${words[unhealthy.reason]}.`);
    const pool = poolOfPart(unhealthy.part);
    if (unhealthy.machine !== null && (await mayGo(context, unhealthy, unhealthy.machine))) {
      if (pool === undefined) await deleteControlPlane(context, signal, unhealthy.part, unhealthy.machine);
      else await endWorker(context, pool, unhealthy.machine, signal);
      await forget(context, unhealthy.machine);
    }
    if (pool !== undefined && unhealthy.hold !== null) await hold(context, pool, unhealthy.hold);
  }
}

/** Asks once more, right before: a node may be back by now, and a control plane goes only while all others are Ready. */
async function mayGo(context: OperationContext, { part, reason }: UnhealthyMachine, machine: string): Promise<boolean> {
  const nodes = context.connection === undefined ? undefined : await lookAtCluster(context, (client) => client.nodes());
  const refused = nodes === undefined ? 'the API server does not answer' : whyItStays(nodes, { machine, controlPlane: poolOfPart(part) === undefined, stopped: reason === 'stopped' });
  if (refused !== undefined) tell(context, 'warning', `${part} keeps its machine ${machine}: ${refused}.`);
  return refused === undefined;
}

/** Why a machine is not ended after all; undefined where it may be. Pure. */
export function whyItStays(nodes: readonly ClusterNode[], { machine, controlPlane, stopped }: { readonly machine: string; readonly controlPlane: boolean; readonly stopped: boolean }): string | undefined {
  const own = nodes.find((node) => isOn(node, machine));
  if (own?.ready === true && !stopped) return `${own.name} is Ready again`;
  const unready = controlPlane ? nodes.find((node) => node.controlPlane && node !== own && !node.ready) : undefined;
  return unready && `${unready.name}, another control plane, is not Ready`;
}

async function endWorker(context: OperationContext, pool: string, machine: string, signal: AbortSignal): Promise<void> {
  const group = (await context.cloud.pools()).find((one) => one.pool === pool);
  if (group !== undefined) await new MachineRemoval(context, signal).end(group, { id: machine });
}

async function hold(context: OperationContext, pool: string, count: number): Promise<void> {
  const group = (await context.cloud.pools()).find((one) => one.pool === pool);
  if (group !== undefined && group.capacity < count) await context.cloud.resizePool(group, { capacity: count, maxNodes: Math.max(group.maxNodes, count) });
}

/** Its node, and no other that may have got its name. */
async function forget(context: OperationContext, machine: string): Promise<void> {
  await lookAtCluster(context, async (client) => {
    const node = (await client.nodes()).find((one) => isOn(one, machine));
    if (node !== undefined) await forgetNode(client, node.name);
    return true;
  });
}
