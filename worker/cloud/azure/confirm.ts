import { z } from 'zod';
import type { FoundResource } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { AzureRefusal, calling } from './errors.js';
import { apiVersionOf } from './types.js';

/** So many are read at once. */
const atOnce = 8;
const anythingSchema = z.looseObject({});

/** Whether the resource manager has something with this id, of a type that the table has. What may not be read counts as there. */
export async function isThere(connection: AzureConnection, id: string, apiVersion: string): Promise<boolean> {
  try {
    return (await connection.read('management', AzureConnection.management(id, apiVersion), anythingSchema)) !== undefined;
  } catch (error) {
    // A child of something that is gone, and a subscription's resource in a group that is being deleted.
    if (error instanceof AzureRefusal && /NotFound|ParentResource/.test(error.code)) return false;
    throw error;
  }
}

/** What of these hits is really there. Each is read where the table knows how; what it does not know is marked as being from an index. */
export async function confirmed(connection: AzureConnection, hits: readonly FoundResource[]): Promise<FoundResource[]> {
  return calling('reading what the index of tags still shows', async () => {
    const found: FoundResource[] = [];
    for (let from = 0; from < hits.length; from += atOnce) {
      const looks = hits.slice(from, from + atOnce).map(async (hit): Promise<FoundResource[]> => {
        const apiVersion = apiVersionOf(hit.id);
        if (apiVersion === undefined) return [{ ...hit, fromIndex: true }];
        return (await isThere(connection, hit.id, apiVersion)) ? [hit] : [];
      });
      found.push(...(await Promise.all(looks)).flat());
    }
    return found;
  });
}
