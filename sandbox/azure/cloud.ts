import type { Item } from '../inventory/item.js';
import type { CloudState } from '../provider/cloud-state.js';

/** The one subscription of the sandbox. */
export const subscriptionId = '5ab5c0de-0000-4000-8000-000000000001';
/** Its directory. */
export const tenantId = '7e4a4700-0000-4000-8000-000000000001';
/** The service's own identity: application, and the principal it has in the directory. */
export const serviceIdentity = { clientId: '5e2f1ce0-0000-4000-8000-000000000001', objectId: '5e2f1ce0-0000-4000-8000-000000000002' } as const;

/** The public address that the worker's calls come from; one of those set apart for documentation (RFC 5737). */
export const workerAddress = '203.0.113.10';

/** What resource types may look at and use. */
export type Cloud = CloudState;

/** Finds an item by its id. Ids of Azure Resource Manager are equal regardless of case. */
export function lookUp(cloud: Cloud, type: string, id: string): Item | undefined {
  const exact = cloud.inventory.get(type, id);
  if (exact !== undefined) return exact;
  const wanted = id.toLowerCase();
  return cloud.inventory.ofType(type).find((item) => item.id.toLowerCase() === wanted);
}

/** Finds an item of whatever type by its id. */
export function anyWithId(cloud: Cloud, id: string): Item | undefined {
  const [exact] = cloud.inventory.withId(id);
  if (exact !== undefined) return exact;
  const wanted = id.toLowerCase();
  return cloud.inventory.list().find((item) => item.type.startsWith('azure-native:') && item.id.toLowerCase() === wanted);
}
