import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import type { Cloud } from '../../cloud/index.js';
import type { OperationContext } from '../context.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';

/** How long machines may take to be on or off, in milliseconds. */
const switchMs = 15 * 60_000;

/** What of an operation its control planes' machines need. */
export type MachineContext = Pick<OperationContext, 'outputs'> & { readonly cloud: Pick<Cloud, 'powerOf' | 'switchMachines'> };

function machinesOf({ outputs }: MachineContext): string[] {
  return filled(outputs, 'the infrastructure\'s outputs').controlPlane.map(({ id }) => id);
}

/** Whether every control plane that there is runs. */
export async function areRunning(context: MachineContext): Promise<boolean> {
  return [...(await context.cloud.powerOf(machinesOf(context))).values()].every((power) => power === 'on');
}

/** Switches the control planes on or off, and waits until they are. Throws `resource-failed` where the cloud refuses, or does not come to it. */
export async function switchControlPlanes(context: MachineContext, to: 'on' | 'off', signal: AbortSignal): Promise<void> {
  const machines = machinesOf(context);
  let asked = false;
  await pollWithin(switchMs, signal, async () => {
    const power = [...await context.cloud.powerOf(machines)];
    if (asked && power.every(([, now]) => now === to)) return true;
    // All of them at first: one that was shut down from within is off, and still paid for. A machine on its way takes no wish.
    const due = power.flatMap(([id, now]) => (now === 'changing' || (asked && now === to) ? [] : [id]));
    if (due.length > 0) await context.cloud.switchMachines(due, to).catch((error: unknown) => { throw refused(to, due, error); });
    asked = true;
    return undefined;
  }, () => new ClusterwrightError('resource-failed', `After ${switchMs / 60_000} minutes the control planes are not switched ${to}.`));
}

function refused(to: 'on' | 'off', machines: readonly string[], error: unknown): unknown {
  if (isClusterwrightError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ClusterwrightError('resource-failed', `Control planes could not be switched ${to}: ${reason}`, { resource: machines[0], cause: error });
}
