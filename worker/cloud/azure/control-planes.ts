import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { ClusterPlace, ControlPlaneMachine } from '../cloud.js';
import { isControlPlanePart } from '../parts.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import { groupId } from './group.js';
import { azureTypes } from './types.js';

const apiVersion = azureTypes['azure-native:compute:VirtualMachine']?.apiVersion ?? '';

const machineSchema = z.object({ id: z.string(), tags: z.record(z.string(), z.string()).nullish(), properties: z.object({ provisioningState: z.string().optional() }) });

/** The machines of a cluster's control plane. */
export async function readControlPlanes(connection: AzureConnection, subscriptionId: string, cluster: Pick<ClusterPlace, 'name' | 'uid'>): Promise<ControlPlaneMachine[]> {
  return calling(`reading the control planes of ${cluster.name}`, async () => {
    const machines = await connection.list('management', AzureConnection.management(`${groupId(subscriptionId, cluster)}/providers/Microsoft.Compute/virtualMachines`, apiVersion), machineSchema);
    return machines.flatMap(({ id, tags, properties: { provisioningState } }): ControlPlaneMachine[] => {
      const part = tags?.[tagKeys.resource];
      return tags?.[tagKeys.uid] === cluster.uid && isControlPlanePart(part) && provisioningState !== 'Deleting' ? [{ part, id }] : [];
    });
  });
}
