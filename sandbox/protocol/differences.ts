import type { DifferenceKind } from './provider.js';
import { UNKNOWN, type PropertyMap, type PropertyValue } from './values.js';

/** What a change of certain properties means. */
export interface Comparison {
  /** Top-level properties whose change needs a new resource. */
  readonly replaces: readonly string[];
}

type BareKind = 'add' | 'delete' | 'update';

/**
 * Compares old and new inputs deeply and names every path that differs (`tags.Name`, `ingress[0].fromPort`). A value
 * that is unknown in a preview counts as changed, unless the old one is just as unknown.
 */
export function compareInputs(olds: PropertyMap, news: PropertyMap, comparison: Comparison): Map<string, DifferenceKind> {
  const found = new Map<string, BareKind>();
  compareMembers(olds, news, '', found);
  return new Map(
    [...found].map(([path, kind]): [string, DifferenceKind] => {
      const top = /^[^.[]+/.exec(path)?.[0] ?? path;
      return [path, comparison.replaces.includes(top) ? `${kind}-replace` : kind];
    }),
  );
}

function compareMembers(olds: PropertyMap, news: PropertyMap, prefix: string, found: Map<string, BareKind>): void {
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (name.startsWith('__')) continue; // The engine's and bridges' own bookkeeping, for example __defaults.
    compareValues(olds[name], news[name], prefix + (/^[\w-]+$/.test(name) ? (prefix ? `.${name}` : name) : `["${name}"]`), found);
  }
}

function compareValues(old: PropertyValue | undefined, now: PropertyValue | undefined, path: string, found: Map<string, BareKind>): void {
  if (old === now) return;
  if (old === undefined || old === null) {
    if (now !== undefined && now !== null) found.set(path, 'add');
  } else if (now === undefined || now === null) {
    found.set(path, 'delete');
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index += 1) compareValues(old[index], now[index], `${path}[${index}]`, found);
  } else if (isMap(old) && isMap(now)) {
    compareMembers(old, now, path, found);
  } else {
    found.set(path, 'update');
  }
}

function isMap(value: PropertyValue): value is PropertyMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values are equal throughout; an unknown equals nothing but an unknown. */
export function sameValue(one: PropertyValue | undefined, other: PropertyValue | undefined): boolean {
  if (one === UNKNOWN || other === UNKNOWN) return one === other;
  const found = new Map<string, BareKind>();
  compareValues(one, other, 'value', found);
  return found.size === 0;
}
