import { z } from 'zod';
import { ClusterwrightError } from '../../../model/errors.js';
import { tagKeys } from '../../../model/names.js';
import { image } from '../../../programs/azure/image.js';
import type { ClusterPlace, MachineImages } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import { groupId } from './group.js';
import { azureTypes } from './types.js';

const apiVersion = azureTypes['azure-native:compute:VirtualMachine']?.apiVersion ?? '';
const versionsSchema = z.array(z.object({ name: z.string() }));
/** What a machine was made from where it was asked for the latest. */
const machineSchema = z.object({
  id: z.string(), tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({ storageProfile: z.object({ imageReference: z.object({ exactVersion: z.string().optional() }).optional() }).optional() }),
});
const setSchema = z.object({ id: z.string(), tags: z.record(z.string(), z.string()).nullish() });

/** The newest version that there is in the region, and those of the cluster's machines: control planes, and instances of its scale sets. */
export async function readImages(connection: AzureConnection, subscriptionId: string, cluster: ClusterPlace): Promise<MachineImages> {
  return calling(`reading which images the machines of ${cluster.name} were made from`, async () => {
    const [current, machines] = await Promise.all([newest(connection, subscriptionId, cluster.region), machinesOf(connection, subscriptionId, cluster)]);
    return { current, of: new Map(machines.flatMap(({ id, properties: { storageProfile } }) => (storageProfile?.imageReference?.exactVersion === undefined ? [] : [[id, storageProfile.imageReference.exactVersion] as const]))) };
  });
}

/** The day stands in the version: `24.04.202611030`. https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/ */
export function imageDates(images: readonly string[]): Promise<Map<string, string>> {
  return Promise.resolve(new Map(images.flatMap((version) => {
    const [, year, month, day] = /^\d+\.\d+\.(\d{4})(\d{2})(\d{2})\d*$/.exec(version) ?? [];
    const at = `${year}-${month}-${day}T00:00:00.000Z`;
    return Number.isNaN(Date.parse(at)) ? [] : [[version, at] as const];
  })));
}

/** https://learn.microsoft.com/rest/api/compute/virtual-machine-images/list: the list is no page, and in no order that is promised. */
async function newest(connection: AzureConnection, subscriptionId: string, region: string): Promise<string> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/locations/${region}/publishers/${image.publisher}/artifacttypes/vmimage/offers/${image.offer}/skus/${image.sku}/versions`;
  const versions = (await connection.read('management', AzureConnection.management(path, apiVersion), versionsSchema)) ?? [];
  const [last] = versions.map(({ name }) => name).sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  if (last === undefined) throw new ClusterwrightError('resource-failed', `${region} has no image of ${image.offer}.`, { resource: image.offer });
  return last;
}

async function machinesOf(connection: AzureConnection, subscriptionId: string, cluster: ClusterPlace): Promise<z.infer<typeof machineSchema>[]> {
  const compute = `${groupId(subscriptionId, cluster)}/providers/Microsoft.Compute`;
  const list = <T>(path: string, schema: z.ZodType<T>): Promise<T[]> => connection.list('management', AzureConnection.management(path, apiVersion), schema);
  const isOwn = ({ tags }: z.infer<typeof setSchema>): boolean => tags?.[tagKeys.uid] === cluster.uid;
  const [controlPlanes, sets] = await Promise.all([list(`${compute}/virtualMachines`, machineSchema), list(`${compute}/virtualMachineScaleSets`, setSchema)]);
  const instances = await Promise.all(sets.filter(isOwn).map(({ id }) => list(`${id}/virtualMachines`, machineSchema)));
  return [...controlPlanes.filter(isOwn), ...instances.flat()];
}
