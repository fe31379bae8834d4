import { isRecord, type JsonRecord } from '../json.js';

/**
 * A set of fields of an object, as managedFields has it: each path is a list of elements `f:<field>`, `k:<keys as JSON>` (an item of a keyed
 * list) or `v:<value as JSON>` (an item of a set). Only leaves and list items are members.
 */
export type FieldSet = Map<string, readonly string[]>;

/** Fields that belong to the server, not to any manager. */
const unmanagedMetadata = new Set(['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'managedFields', 'selfLink']);

/** Keys of the keyed lists of the built-in kinds, by the field that holds the list. Every other list is replaced whole. */
const listKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']], initContainers: [['name']], ephemeralContainers: [['name']], volumes: [['name']], env: [['name']],
  imagePullSecrets: [['name']], secrets: [['name']], webhooks: [['name']], resourceClaims: [['name']],
  ports: [['containerPort', 'protocol'], ['port', 'protocol']],
  volumeMounts: [['mountPath']], volumeDevices: [['devicePath']], hostAliases: [['ip']], conditions: [['type']], addresses: [['type']],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']], ownerReferences: [['uid']],
};

/** Lists that are sets of scalars. */
const setFields = new Set(['finalizers']);

/** Element of one item in a list, or undefined where the list is replaced whole. */
type ItemElement = (item: unknown) => string;

/** How the items of a list under `field` are told apart; undefined: the list is one value. */
export function itemElement(field: string, list: readonly unknown[], custom: boolean): ItemElement | undefined {
  if (setFields.has(field) && list.every((item) => typeof item === 'string')) return (item) => `v:${JSON.stringify(item)}`;
  if (custom && field !== 'ownerReferences') return undefined;
  const keys = listKeys[field]?.find(([first = '']) => list.every((item) => isRecord(item) && item[first] !== undefined));
  if (keys === undefined) return undefined;
  const element: ItemElement = (item) => `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, isRecord(item) ? (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) : undefined])))}`;
  return new Set(list.map(element)).size === list.length ? element : undefined;
}

/** The fields of an object that a manager can own. */
export function fieldsOf(object: JsonRecord, custom: boolean): FieldSet {
  const set: FieldSet = new Map();
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind') continue;
    if (field === 'metadata' && isRecord(value)) {
      for (const [name, part] of Object.entries(value)) if (!unmanagedMetadata.has(name)) collect(set, ['f:metadata', `f:${name}`], part, custom);
    } else collect(set, [`f:${field}`], value, custom);
  }
  return set;
}

function collect(set: FieldSet, path: readonly string[], value: unknown, custom: boolean): void {
  const field = (path.at(-1) ?? '').slice(2);
  if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [name, part] of Object.entries(value)) collect(set, [...path, `f:${name}`], part, custom);
    return;
  }
  const element = Array.isArray(value) && value.length > 0 ? itemElement(field, value, custom) : undefined;
  if (!Array.isArray(value) || element === undefined) {
    add(set, path);
    return;
  }
  for (const item of value) {
    const itemPath = [...path, element(item)];
    add(set, itemPath);
    if (isRecord(item)) for (const [name, part] of Object.entries(item)) collect(set, [...itemPath, `f:${name}`], part, custom);
  }
}

/** Adds a path to a set. */
export function add(set: FieldSet, path: readonly string[]): void {
  set.set(path.join('\u0000'), path);
}

/** Whether a set has the path itself or something below it. */
export function covers(set: FieldSet, path: readonly string[]): boolean {
  const key = path.join('\u0000');
  if (set.has(key)) return true;
  for (const member of set.keys()) if (member.startsWith(`${key}\u0000`)) return true;
  return false;
}

/** The value at a path of an object, or undefined. */
export function valueAtPath(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const element of path) {
    if (element.startsWith('f:')) value = isRecord(value) ? value[element.slice(2)] : undefined;
    else value = Array.isArray(value) ? value.find((item) => matches(item, element)) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

/** Whether a list item is the one that an element `k:…` or `v:…` names. */
export function matches(item: unknown, element: string): boolean {
  const wanted: unknown = JSON.parse(element.slice(2));
  if (element.startsWith('v:')) return item === wanted;
  return isRecord(item) && isRecord(wanted) && Object.entries(wanted).every(([key, value]) => (item[key] ?? (key === 'protocol' ? 'TCP' : undefined)) === value);
}

/** A copy of `root` without the value at a path; containers that become empty go as well. */
export function removeAtPath(root: unknown, path: readonly string[]): unknown {
  const [element, ...rest] = path;
  if (element === undefined) return undefined;
  if (element.startsWith('f:')) {
    const field = element.slice(2);
    if (!isRecord(root) || !(field in root)) return root;
    const inner = removeAtPath(root[field], rest);
    const copy = { ...root };
    if (inner === undefined || isEmpty(inner)) delete copy[field];
    else copy[field] = inner;
    return copy;
  }
  if (!Array.isArray(root)) return root;
  return root.flatMap((item: unknown) => {
    if (!matches(item, element)) return [item];
    const inner = removeAtPath(item, rest);
    return inner === undefined ? [] : [inner];
  });
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

/** The JSON form that managedFields holds (`fieldsV1`). */
export function toFieldsV1(set: FieldSet): JsonRecord {
  const root: JsonRecord = {};
  for (const path of set.values()) {
    let node = root;
    for (const element of path) {
      const next = node[element];
      const child: JsonRecord = isRecord(next) ? next : {};
      node[element] = child;
      node = child;
    }
    if (!path.at(-1)?.startsWith('f:')) node['.'] = {};
  }
  return root;
}

/** Reads `fieldsV1`. */
export function fromFieldsV1(tree: unknown): FieldSet {
  const set: FieldSet = new Map();
  const walk = (node: unknown, path: readonly string[]): void => {
    if (!isRecord(node)) return;
    const children = Object.entries(node).filter(([element]) => element !== '.');
    if ((children.length === 0 || '.' in node) && path.length > 0) add(set, path);
    for (const [element, child] of children) walk(child, [...path, element]);
  };
  walk(tree, []);
  return set;
}
