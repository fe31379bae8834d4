import { z } from 'zod';
import type { Power } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import { azureTypes } from './types.js';

const apiVersion = azureTypes['azure-native:compute:VirtualMachine']?.apiVersion ?? '';
const viewSchema = z.object({ statuses: z.array(z.object({ code: z.string() })) });

/** A machine that was shut down from within is `stopped`, and still paid for: https://learn.microsoft.com/azure/virtual-machines/states-billing */
const powerOfCode: Readonly<Record<string, Power>> = { 'PowerState/running': 'on', 'PowerState/deallocated': 'off', 'PowerState/stopped': 'off' };

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
