import { z } from 'zod';
import type { Permissions } from '../cloud.js';
import { neededActions } from './actions.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';

const permissionSchema = z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) });

/**
 * Asks the resource manager for all that the service's roles give on the subscription, and holds it against what is needed. Role assignments on parts of the
 * subscription are not in the answer. https://learn.microsoft.com/rest/api/authorization/permissions
 */
export async function permissions(connection: AzureConnection, subscriptionId: string): Promise<Permissions> {
  const address = AzureConnection.management(`/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/permissions`, '2022-04-01');
  const granted = await calling(`reading what the service may do in ${subscriptionId}`, () => connection.list('management', address, permissionSchema));
  const given = (action: string): boolean => granted.some(({ actions, notActions }) => actions.some((pattern) => covers(pattern, action)) && !notActions.some((pattern) => covers(pattern, action)));
  return { by: 'policy', checked: neededActions.length, missing: neededActions.filter((action) => !given(action)) };
}

/** Whether a pattern such as `Microsoft.Network/*` covers an action; case does not count. */
export function covers(pattern: string, action: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(action);
}
