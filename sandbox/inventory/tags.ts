import type { PropertyMap, PropertyValue } from '../protocol/values.js';

/** To which cluster something belongs, and as which part of it. */
export interface Identity {
  readonly cluster: string | null;
  readonly uid: string | null;
  readonly resource: string | null;
}

/** Nobody's. */
export const noIdentity: Identity = { cluster: null, uid: null, resource: null };

/** Tags as a map, from a map or from a list of `{key, value}` as auto-scaling groups have them. */
export function tagMap(tags: PropertyValue | undefined): Readonly<Record<string, string>> {
  if (Array.isArray(tags)) {
    return Object.fromEntries(tags.filter(isMap).flatMap(({ key, value }) => (typeof key === 'string' ? [[key, typeof value === 'string' ? value : '']] : [])));
  }
  if (!isMap(tags)) return {};
  return Object.fromEntries(Object.entries(tags).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Reads the owner out of the tags that Clusterwright sets. */
export function identity(tags: PropertyValue | undefined): Identity {
  const map = tagMap(tags);
  return {
    cluster: map['clusterwright:cluster'] ?? null,
    uid: map['clusterwright:uid'] ?? null,
    resource: map['clusterwright:resource'] ?? null,
  };
}

function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
