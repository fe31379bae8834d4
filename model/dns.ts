import { z } from 'zod';

/**
 * Where `platform.dns` writes the names of services, ingresses and routes: zones that are there already, by what the cloud calls them.
 */
export const dnsSchema = z.strictObject({
  zones: z.array(z.string().min(1).max(300)).max(10).default([]).describe('Zones that names are written into. AWS: ids of hosted zones, such as "Z0123456789ABCDEFGHIJ"; Azure: resource ids of DNS zones, or of private ones, of one resource group'),
});

const hostedZone = /^Z[A-Z0-9]{3,31}$/;
const azureZone = /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([\w().-]{1,90})\/providers\/Microsoft\.Network\/(dnsZones|privateDnsZones)\/([a-z0-9][a-z0-9.-]*[a-z0-9])$/i;

/** A DNS zone of Azure, taken apart. */
export interface AzureZone {
  readonly subscriptionId: string;
  /** Id of the resource group that it lies in. */
  readonly group: string;
  readonly resourceGroup: string;
  readonly kind: 'public' | 'private';
  readonly name: string;
}

/** What an id of a DNS zone of Azure says; undefined where it is none. */
export function parseAzureZone(id: string): AzureZone | undefined {
  const [, subscriptionId, resourceGroup, type, name] = azureZone.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || type === undefined || name === undefined) return undefined;
  return { subscriptionId, group: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`, resourceGroup, kind: type.toLowerCase() === 'dnszones' ? 'public' : 'private', name: name.toLowerCase() };
}

/** Why this is no zone of the cloud's, or undefined where it is one. */
export function notAZone(provider: 'aws' | 'azure', id: string): string | undefined {
  switch (provider) {
    case 'aws': return hostedZone.test(id) ? undefined : 'must be the id of a hosted zone of Route 53, such as "Z0123456789ABCDEFGHIJ"';
    case 'azure': return parseAzureZone(id) ? undefined : 'must be the resource id of a DNS zone: /subscriptions/ID/resourceGroups/NAME/providers/Microsoft.Network/dnsZones/DOMAIN, or privateDnsZones';
  }
}
