import { z } from 'zod';
import type { AzureAccount } from '../../../model/accounts.js';
import { physicalName } from '../../../model/names.js';
import type { ClusterScope, FoundResource } from '../cloud.js';
import { AzureConnection } from './connection.js';

/** Kinds that lie outside of the cluster's group and carry no tags. */
export const namedKinds: readonly string[] = ['azure-native:network:VirtualNetworkPeering', 'azure-native:authorization:RoleDefinition'];

const peeringSchema = z.object({ id: z.string(), name: z.string() });
const roleSchema = z.object({ id: z.string(), properties: z.object({ roleName: z.string() }) });

/** What of a cluster is found by the name's beginning: its peering on the side of the worker's network, and the roles that it defined. */
export async function findNamed(connection: AzureConnection, { subscriptionId, reach }: AzureAccount, scope: ClusterScope): Promise<FoundResource[]> {
  const beginning = physicalName(scope, '');
  const [peerings, roles] = await Promise.all([
    reach.type === 'peering' ? connection.list('management', AzureConnection.management(`${reach.networkId}/virtualNetworkPeerings`, '2024-05-01'), peeringSchema) : [],
    connection.list('management', AzureConnection.management(`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`, '2022-04-01', { $filter: "atScopeAndBelow() and type eq 'CustomRole'" }), roleSchema),
  ]);
  return [
    ...peerings.filter(({ name }) => name.startsWith(beginning)).map(({ id, name }): FoundResource => ({ id, kind: 'azure-native:network:VirtualNetworkPeering', region: 'global', part: name.slice(beginning.length) })),
    ...roles.filter(({ properties: { roleName } }) => roleName.startsWith(beginning)).map(({ id, properties: { roleName } }): FoundResource => ({ id, kind: 'azure-native:authorization:RoleDefinition', region: 'global', part: roleName.slice(beginning.length) })),
  ];
}
