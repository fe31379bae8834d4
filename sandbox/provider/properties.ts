import { UNKNOWN, type PropertyMap, type PropertyValue } from '../protocol/values.js';

/** Typed looks into property maps. A value of another kind, or an unknown one, counts as absent. */
export function text(map: PropertyMap, name: string): string | undefined {
  const value = map[name];
  return typeof value === 'string' ? value : undefined;
}

export function number(map: PropertyMap, name: string): number | undefined {
  const value = map[name];
  return typeof value === 'number' ? value : undefined;
}

/** False unless it is true. */
export function flag(map: PropertyMap, name: string): boolean {
  return map[name] === true;
}

export function object(map: PropertyMap, name: string): PropertyMap {
  const value = map[name];
  return isMap(value) ? value : {};
}

export function list(map: PropertyMap, name: string): PropertyValue[] {
  const value = map[name];
  return Array.isArray(value) ? value : [];
}

export function texts(map: PropertyMap, name: string): string[] {
  return list(map, name).filter((value) => typeof value === 'string');
}

export function objects(map: PropertyMap, name: string): PropertyMap[] {
  return list(map, name).filter(isMap);
}

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value found at a path, with the path as the engine writes it. */
export interface Located {
  readonly path: string;
  readonly value: PropertyValue;
}

/**
 * All known values at a path such as `rules[].fromPort` or `rootBlockDevice.volumeSize`; `[]` goes through a list. Absent and
 * unknown values are left out.
 */
export function select(map: PropertyMap, path: string): Located[] {
  let found: Located[] = [{ path: '', value: map }];
  for (const step of path.split('.')) {
    const name = step.replace('[]', '');
    found = found.flatMap(({ path: base, value }) => {
      const member = isMap(value) ? value[name] : undefined;
      if (member === undefined) return [];
      const here = base === '' ? name : `${base}.${name}`;
      if (!step.endsWith('[]')) return [{ path: here, value: member }];
      return Array.isArray(member) ? member.map((one, index) => ({ path: `${here}[${index}]`, value: one })) : [];
    });
  }
  return found.filter(({ value }) => value !== UNKNOWN && value !== null);
}

/** A copy in which the value at a path such as `identity.principalId` or `rules[].id` is unknown, where there is none and something to hold it is. */
export function withUnknown(map: PropertyMap, path: string): PropertyMap {
  const [step = '', ...rest] = path.split('.');
  const name = step.replace('[]', '');
  const value = map[name];
  if (rest.length === 0) return value === undefined ? { ...map, [name]: UNKNOWN } : map;
  if (Array.isArray(value)) return { ...map, [name]: value.map((one) => (isMap(one) ? withUnknown(one, rest.join('.')) : one)) };
  return isMap(value) ? { ...map, [name]: withUnknown(value, rest.join('.')) } : map;
}
