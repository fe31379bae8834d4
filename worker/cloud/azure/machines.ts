import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { ClusterPlace, ControlPlaneMachine, Power } from '../cloud.js';
import { isControlPlanePart } from '../parts.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import { groupId } from './group.js';
import { azureTypes } from './types.js';

const apiVersion = azureTypes['azure-native:compute:VirtualMachine']?.apiVersion ?? '';
const machineSchema = z.object({ id: z.string(), tags: z.record(z.string(), z.string()).nullish(), properties: z.object({ provisioningState: z.string().optional() }) });
const viewSchema = z.object({ statuses: z.array(z.object({ code: z.string() })) });

/** A machine that was shut down from within is `stopped`, and still paid for: https://learn.microsoft.com/azure/virtual-machines/states-billing */
const powerOfCode: Readonly<Record<string, Power>> = { 'PowerState/running': 'on', 'PowerState/deallocated': 'off', 'PowerState/stopped': 'off' };

/** The machines of a cluster's control plane. A list does not have whether they run: each is asked for that. */
export async function readControlPlanes(connection: AzureConnection, subscriptionId: string, cluster: Pick<ClusterPlace, 'name' | 'uid'>): Promise<ControlPlaneMachine[]> {
  const machines = await calling(`reading the control planes of ${cluster.name}`, () =>
    connection.list('management', AzureConnection.management(`${groupId(subscriptionId, cluster)}/providers/Microsoft.Compute/virtualMachines`, apiVersion), machineSchema));
  const found = machines.flatMap(({ id, tags, properties: { provisioningState } }) => {
    const part = tags?.[tagKeys.resource];
    return tags?.[tagKeys.uid] === cluster.uid && isControlPlanePart(part) && provisioningState !== 'Deleting' ? [{ part, id }] : [];
  });
  const power = await powerOf(connection, found.map(({ id }) => id));
  return found.map((machine) => ({ ...machine, power: power.get(machine.id) ?? 'changing' }));
}

/** Whether virtual machines run. One that the cloud does not have is not among them. */
export async function powerOf(connection: AzureConnection, machines: readonly string[]): Promise<Map<string, Power>> {
  const read = async (id: string) => [id, await connection.read('management', AzureConnection.management(`${id}/instanceView`, apiVersion), viewSchema)] as const;
  const views = await calling('reading the control planes\' machines', () => Promise.all(machines.map(read)));
  return new Map(views.flatMap(([id, view]) => (view === undefined ? [] : [[id, view.statuses.map(({ code }) => powerOfCode[code]).find((power) => power !== undefined) ?? 'changing'] as const])));
}

/** A deallocated machine keeps its disks and its network interface, with its private address: https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses */
export async function switchMachines(connection: AzureConnection, machines: readonly string[], to: 'on' | 'off'): Promise<void> {
  const action = to === 'on' ? 'start' : 'deallocate';
  await calling(`the control planes' machines: ${action}`, () => Promise.all(machines.map((id) => connection.send('management', AzureConnection.management(`${id}/${action}`, apiVersion), { method: 'POST' }))));
}
