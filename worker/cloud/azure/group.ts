import { z } from 'zod';
import { physicalName, tagKeys } from '../../../model/names.js';
import type { ClusterScope, FoundResource } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { kindOfId } from './types.js';

const resourceSchema = z.object({ id: z.string(), location: z.string().nullish(), tags: z.record(z.string(), z.string()).nullish() });

/** Id of the resource group that everything of a cluster lies in. */
export function groupId(subscriptionId: string, cluster: { name: string; uid: string }): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${physicalName(cluster, 'group')}`;
}

/** The cluster's group with all that lies in it, tagged or not. Nothing where the group is gone. Parts of resources (subnets, rules) are not listed: they go with them. */
export async function groupWithContent(connection: AzureConnection, subscriptionId: string, scope: ClusterScope): Promise<FoundResource[]> {
  const id = groupId(subscriptionId, scope);
  const found = ({ id: own, location, tags }: z.infer<typeof resourceSchema>): FoundResource => ({ id: own, kind: kindOfId(own), region: location ?? 'global', part: tags?.[tagKeys.resource] });
  const group = await connection.read('management', AzureConnection.management(id, '2024-03-01'), resourceSchema);
  if (group === undefined) return [];
  const content = await connection.list('management', AzureConnection.management(`${id}/resources`, '2024-03-01'), resourceSchema);
  return [found(group), ...content.map(found)];
}
