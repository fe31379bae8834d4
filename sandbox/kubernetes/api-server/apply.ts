import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonRecord, type KubeObject } from '../json.js';
import { add, covers, fieldsOf, fromFieldsV1, itemElement, matches, removeAtPath, toFieldsV1, valueAtPath, type FieldSet } from './field-set.js';
import { StatusError, type StatusTarget } from './status-error.js';

/** Who writes, and when. */
export interface Writer {
  /** Field manager. */
  manager: string;
  /** RFC 3339. */
  time: string;
  /** Custom resources: lists are replaced whole. */
  custom: boolean;
  /** A manager owns what it writes through a subresource apart from the rest. */
  subresource?: string;
}

interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  subresource?: string;
  fields: FieldSet;
}

/**
 * Server-side apply: the fields of `applied` become those of `live`; fields that this manager applied before, leaves out now and shares with
 * nobody are removed. `live` is undefined for a new object.
 * @throws StatusError 409 listing the fields that another manager set to another value, unless `force`.
 */
export function apply(live: KubeObject | undefined, applied: KubeObject, writer: Writer, force: boolean, target: StatusTarget): KubeObject {
  const owners = ownersOf(live);
  const wanted = fieldsOf(applied, writer.custom);
  const own = ownerOf(owners, writer, 'Apply');
  const others = owners.filter((owner) => owner !== own);

  const contested: { owner: Owner; key: string; path: readonly string[] }[] = [];
  for (const owner of others) {
    for (const [key, path] of wanted) {
      if (owner.fields.has(key) && path.at(-1)?.startsWith('f:') && !isDeepStrictEqual(valueAtPath(live, path), valueAtPath(applied, path))) contested.push({ owner, key, path });
    }
  }
  if (contested.length > 0 && !force) throw applyConflict(contested.map(({ owner, path }) => ({ manager: owner.manager, apiVersion: owner.apiVersion, path })), target);
  for (const { owner, key } of contested) owner.fields.delete(key);

  let merged: unknown = live === undefined ? applied : mergeApplied(live, applied, writer.custom);
  for (const [key, path] of own?.fields ?? []) {
    if (wanted.has(key) || covers(wanted, path) || others.some((owner) => covers(owner.fields, path))) continue;
    merged = removeAtPath(merged, path);
  }
  const next = merged as KubeObject;
  const unchanged = own !== undefined && own.apiVersion === applied.apiVersion && isDeepStrictEqual([...own.fields.keys()].sort(), [...wanted.keys()].sort());
  const entry: Owner = { manager: writer.manager, operation: 'Apply', apiVersion: applied.apiVersion, time: unchanged ? own.time : writer.time, subresource: writer.subresource, fields: wanted };
  return withOwners(next, [...others, entry]);
}

/**
 * Books a write that was no apply (POST, PUT, merge patch): what it changed belongs to its manager from now on, what it removed to nobody.
 */
export function bookUpdate(live: KubeObject | undefined, next: KubeObject, writer: Writer): KubeObject {
  const before = live === undefined ? noFields : fieldsOf(live, writer.custom);
  const after = fieldsOf(next, writer.custom);
  const owners = ownersOf(live);
  const changed: FieldSet = new Map();
  for (const [key, path] of after) if (!before.has(key) || !isDeepStrictEqual(valueAtPath(live, path), valueAtPath(next, path))) add(changed, path);
  if (changed.size === 0 && before.size === after.size) return withOwners(next, owners);
  for (const owner of owners) for (const key of owner.fields.keys()) if (changed.has(key) || (before.has(key) && !after.has(key))) owner.fields.delete(key);
  const own = ownerOf(owners, writer, 'Update');
  const entry: Owner = { manager: writer.manager, operation: 'Update', apiVersion: next.apiVersion, time: writer.time, subresource: writer.subresource, fields: new Map([...(own?.fields ?? []), ...changed]) };
  return withOwners(next, [...owners.filter((owner) => owner !== own), entry]);
}

const noFields: FieldSet = new Map<string, readonly string[]>();

function ownerOf(owners: readonly Owner[], writer: Writer, operation: Owner['operation']): Owner | undefined {
  return owners.find((owner) => owner.manager === writer.manager && owner.operation === operation && owner.subresource === writer.subresource);
}

function mergeApplied(live: unknown, applied: unknown, custom: boolean, field = ''): unknown {
  if (isRecord(live) && isRecord(applied)) {
    const merged: JsonRecord = { ...live };
    for (const [name, value] of Object.entries(applied)) merged[name] = mergeApplied(live[name], value, custom, name);
    return merged;
  }
  if (Array.isArray(live) && Array.isArray(applied)) {
    const element = itemElement(field, applied, custom);
    if (element === undefined || applied.length === 0) return applied;
    const items: unknown[] = live.map((item: unknown) => {
      const match: unknown = applied.find((candidate: unknown) => matches(item, element(candidate)));
      return match === undefined ? item : mergeApplied(item, match, custom);
    });
    return [...items, ...(applied as unknown[]).filter((candidate) => !live.some((item) => matches(item, element(candidate))))];
  }
  return applied;
}

function ownersOf(object: KubeObject | undefined): Owner[] {
  return (object?.metadata.managedFields ?? []).map((entry) => ({
    manager: String(entry['manager']),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    apiVersion: String(entry['apiVersion']),
    time: String(entry['time']),
    ...(typeof entry['subresource'] === 'string' ? { subresource: entry['subresource'] } : {}),
    fields: fromFieldsV1(entry['fieldsV1']),
  }));
}

function withOwners(object: KubeObject, owners: readonly Owner[]): KubeObject {
  const managedFields = owners.filter((owner) => owner.fields.size > 0).map((owner) => ({
    manager: owner.manager, operation: owner.operation, apiVersion: owner.apiVersion, time: owner.time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(owner.fields),
    ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function applyConflict(conflicts: readonly { manager: string; apiVersion: string; path: readonly string[] }[], target: StatusTarget): StatusError {
  const causes = conflicts.map(({ manager, apiVersion, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with "${manager}" using ${apiVersion}`, field: readable(path) }));
  const text = causes.map((cause) => `${cause.message}: ${cause.field}`).join(', ');
  return new StatusError(409, 'Conflict', `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: ${text}`, target, causes);
}

/** `.spec.containers[name="a"].image`: a path as the API server words it. */
function readable(path: readonly string[]): string {
  return path.map((element) => {
    const text = element.slice(2);
    if (element.startsWith('f:')) return `.${text}`;
    const keys: unknown = JSON.parse(text);
    return isRecord(keys) ? `[${Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]` : `[=${text}]`;
  }).join('');
}
