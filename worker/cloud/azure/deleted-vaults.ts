import { z } from 'zod';
import { tagKeys } from '../../../model/names.js';
import type { ClusterScope, FoundResource } from '../cloud.js';
import { AzureConnection } from './connection.js';

const deletedVaultSchema = z.object({
  id: z.string(),
  properties: z.object({ location: z.string(), scheduledPurgeDate: z.iso.datetime({ offset: true }), tags: z.record(z.string(), z.string()).nullish() }),
});

/** The cluster's vaults that are deleted and kept until their waiting period ends: protection against purging leaves no other way. */
export async function deletedVaults(connection: AzureConnection, subscriptionId: string, { uid }: ClusterScope): Promise<FoundResource[]> {
  const vaults = await connection.list('management', AzureConnection.management(`/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`, '2023-07-01'), deletedVaultSchema);
  return vaults.flatMap(({ id, properties: { location, scheduledPurgeDate, tags } }): FoundResource[] => tags?.[tagKeys.uid] !== uid ? [] : [{
    id, kind: 'azure-native:keyvault:Vault', region: location, part: tags[tagKeys.resource], keptUntil: new Date(scheduledPurgeDate).toISOString(),
  }]);
}
