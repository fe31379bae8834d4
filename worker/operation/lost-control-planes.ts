import type { NodeStep } from '../../model/rendezvous.js';
import type { ControlPlaneOutput } from '../../programs/provider.js';
import type { OperationContext } from './context.js';
import { knownOutputs } from './known-outputs.js';
import { controlPlaneSteps } from './orders.js';
import { numberOf } from './upgrade/machines.js';

/**
 * Whether a cluster that had control planes has none that holds its data: the cloud has none of their machines, or only such as have never joined. Without any, new machines would wait for ever
 * for somebody to join.
 */
export async function areControlPlanesLost(context: OperationContext): Promise<boolean> {
  const machines = context.cluster?.connection ? (knownOutputs(context)?.controlPlane ?? []) : [];
  if (machines.length === 0) return false;
  const there = await context.cloud.powerOf(machines.map(({ id }) => id));
  return there.size === 0 || machinesLeft(machines, [...there.keys()], await context.cloud.nodeSteps()).length === 0;
}

/** The machines of control planes that hold data of the cluster: those that are there, but for those that tell of a step before they have joined. Pure. */
export function machinesLeft(machines: readonly ControlPlaneOutput[], there: readonly string[], steps: readonly NodeStep[]): ControlPlaneOutput[] {
  const ids = new Set(there.map((id) => id.toLowerCase()));
  const last = controlPlaneSteps(steps);
  return machines.filter((machine) => ids.has(machine.id.toLowerCase()) && (last.get(numberOf(machine))?.step ?? 'joined') === 'joined');
}
