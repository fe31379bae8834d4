import type { Item } from '../inventory/item.js';
import type { CloudState } from '../provider/cloud-state.js';
import type { Objects } from './data-planes/objects.js';
import type { Parameters } from './data-planes/parameters.js';
import { text } from '../provider/properties.js';

/** The one account of the sandbox. */
export const accountId = '123456789012';

/** What resource types may look at and use. */
export interface Cloud extends CloudState {
  readonly objects: Objects;
  readonly parameters: Parameters;
}

/** An ARN of the sandbox's account; pass an empty region for global services. */
export function arn(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** Finds an item by whatever AWS takes for it: id, ARN, or name. */
export function lookUp(cloud: Cloud, type: string, value: string): Item | undefined {
  const byId = cloud.inventory.get(type, value);
  if (byId !== undefined) return byId;
  return cloud.inventory.ofType(type).find((item) => text(item.outputs, 'arn') === value || text(item.outputs, 'name') === value);
}

/** Items of a type in one region. */
export function inRegion(cloud: Cloud, type: string, region: string): Item[] {
  return cloud.inventory.ofType(type).filter((item) => item.region === region);
}
