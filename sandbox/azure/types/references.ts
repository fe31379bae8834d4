import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { objects, select, text } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import type { Reference, Request } from '../resource-type.js';

/** A property must name an existing resource of this type. */
export function refers(property: string, type: string): Reference {
  return { property, type, missing: notFound };
}

/** How Azure refuses an id that names nothing. */
export function notFound(id: string): AzureError {
  return new AzureError('InvalidResourceReference', `Resource ${id} referenced by the resource was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`);
}

/** The item that a reference names; entries list the property under `references`, so it exists. Undefined when the property is absent. */
export function referred(request: Pick<Request, 'inputs' | 'cloud'>, path: string, type: string): Item | undefined {
  const [located] = select(request.inputs, path);
  return typeof located?.value === 'string' ? lookUp(request.cloud, type, located.value) : undefined;
}

/** Whether two ids of Resource Manager are one. */
export function sameId(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}

/** Items of a type that name this one by its id at a path of their outputs. */
export function usersOf(id: string, cloud: Cloud, type: string, path: string): Item[] {
  return cloud.inventory.ofType(type).filter((other) => select(other.outputs, path).some(({ value }) => typeof value === 'string' && sameId(value, id)));
}

/** The first user among several kinds, for a refusal to delete. */
export function firstUser(item: Item, cloud: Cloud, uses: readonly (readonly [type: string, path: string])[]): Item | undefined {
  for (const [type, path] of uses) {
    const user = usersOf(item.id, cloud, type, path).find((other) => other !== item);
    if (user !== undefined) return user;
  }
  return undefined;
}

/** The members of a resource's list that ids such as `…/loadBalancers/NAME/backendAddressPools/POOL` name must be there. */
export function requireParts(request: Request, path: string, type: string): void {
  for (const { value } of select(request.inputs, path)) if (typeof value === 'string' && partNamed(request.cloud, type, value) === undefined) throw notFound(value);
}

/** The item and the member of its list that such an id names. */
function partNamed(cloud: Cloud, type: string, id: string): { readonly item: Item; readonly part: PropertyMap } | undefined {
  const [, owner = '', list = '', name] = /^(.*)\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
  const item = lookUp(cloud, type, owner);
  const part = item === undefined ? undefined : objects(item.outputs, list).find((member) => text(member, 'name')?.toLowerCase() === name?.toLowerCase());
  return item === undefined || part === undefined ? undefined : { item, part };
}
