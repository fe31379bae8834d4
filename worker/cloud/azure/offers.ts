import { z } from 'zod';
import type { Offers } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';

/** https://learn.microsoft.com/rest/api/compute/resource-skus/list */
const skuSchema = z.object({
  resourceType: z.string(),
  name: z.string(),
  locationInfo: z.array(z.object({ zones: z.array(z.string()).nullish() })).nullish(),
  restrictions: z.array(z.object({ type: z.string(), restrictionInfo: z.object({ zones: z.array(z.string()).nullish() }).nullish() })).nullish(),
});
type Sku = z.infer<typeof skuSchema>;

/** The zones of a region that offer machine types to the subscription: some are kept from it as a whole, or in single zones. That a zone offers one does not say that it has one to spare. */
export async function offers(connection: AzureConnection, subscriptionId: string, region: string, machineTypes: readonly string[]): Promise<Offers> {
  const url = AzureConnection.management(`/subscriptions/${subscriptionId}/providers/Microsoft.Compute/skus`, '2021-07-01', { $filter: `location eq '${region}'` });
  const skus = await calling('reading which machine types are offered', () => connection.list('management', url, skuSchema));
  const zonesOf = (type: string): string[] => skus.filter(({ resourceType, name }) => resourceType === 'virtualMachines' && name === type).flatMap(openZones);
  return new Map(machineTypes.map((type) => [type, new Set(zonesOf(type).map((zone) => `${region}-${zone}`))]));
}

function openZones({ locationInfo, restrictions }: Sku): string[] {
  if (restrictions?.some(({ type }) => type === 'Location')) return [];
  const closed = new Set(restrictions?.flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []));
  return (locationInfo ?? []).flatMap(({ zones }) => zones ?? []).filter((zone) => !closed.has(zone));
}
