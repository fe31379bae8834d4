/** A JSON object whose fields are not known. */
export type JsonRecord = Record<string, unknown>;

/** Metadata of a Kubernetes object, as far as the sandbox reads it. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: JsonRecord[];
  managedFields?: JsonRecord[];
  [field: string]: unknown;
}

/** A Kubernetes object. The API server never changes one in place: every write makes a new object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** Whether a value is a JSON object (not a list, not null). */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of field names, or undefined where the path ends early. */
export function valueAt(root: unknown, ...path: readonly string[]): unknown {
  let value = root;
  for (const field of path) {
    if (!isRecord(value)) return undefined;
    value = value[field];
  }
  return value;
}

/** The record at a path, or an empty one. */
export function recordAt(root: unknown, ...path: readonly string[]): JsonRecord {
  const value = valueAt(root, ...path);
  return isRecord(value) ? value : {};
}

/** The list at a path, or an empty one. */
export function listAt(root: unknown, ...path: readonly string[]): unknown[] {
  const value = valueAt(root, ...path);
  return Array.isArray(value) ? value : [];
}

/** The string at a path, or undefined. */
export function stringAt(root: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(root, ...path);
  return typeof value === 'string' ? value : undefined;
}

/** The entries of a record whose values are strings. */
export function stringsOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A copy without the named fields. */
export function without<T extends object>(record: T, ...fields: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field))) as Partial<T>;
}
