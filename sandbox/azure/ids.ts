import { subscriptionId } from './cloud.js';

/** The id of a resource group. */
export function groupId(group: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
}

/** The resource group in an id, with its name as it is written there; undefined for what is in none. */
export function groupOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
}

/** The last part of an id. */
export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Fills the names into a path such as `Microsoft.Network/virtualNetworks/{virtualNetworkName}`. */
export function filled(path: string, value: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_match, name: string) => value(name));
}

/** The names in braces of a path, in their order. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
}

/** `Microsoft.Network/virtualNetworks/subnets` of `Microsoft.Network/virtualNetworks/{…}/subnets/{…}`. */
export function armTypeOf(path: string): string {
  return path.split('/').filter((_part, index) => index === 0 || index % 2 === 1).join('/');
}
