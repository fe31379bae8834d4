import type { Item } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import type { CloudState } from './cloud-state.js';
import type { ResourceType } from './resource-type.js';
import type { Schemas } from './schema.js';

/** What differs between the clouds in the life of a resource. */
export interface Vendor<C extends CloudState> {
  /** The entry of a type; unknown types are refused loudly, never made up. */
  resourceType(token: string): ResourceType<C>;
  readonly schemaOf: Schemas;
  /** The region in requests about what has none. */
  readonly regionOfGlobal: string;
  /** Finds an item by whatever the cloud takes for it. */
  lookUp(cloud: C, type: string, value: string): Item | undefined;
  /** The refusal to create what is there. */
  taken(id: string): Error;
  /** The refusal to change what is not there. */
  gone(id: string): Error;
  /** Outputs that all types have alike. */
  common(type: ResourceType<C>, inputs: PropertyMap, region: string | null): PropertyMap;
}
