import { builtInKinds, apiVersionOf, type KindEntry } from '../api-server/kinds.js';
import { isRecord, listAt, recordAt, stringAt, type JsonRecord, type KubeObject } from '../json.js';
import { hasUnknown, UNKNOWN, type CheckFailure, type PropertyMap } from '../../protocol/index.js';

/** The built-in kind of an object, or undefined for custom resources. */
export function builtInKind(apiVersion: unknown, kind: unknown): KindEntry | undefined {
  return builtInKinds.find((entry) => entry.kind === kind && apiVersionOf(entry) === apiVersion);
}

/** apiVersion and kind out of a type token such as `kubernetes:core/v1:Namespace`. */
export function fromToken(token: string): { apiVersion: string; kind: string } {
  const [, module = '', kind = ''] = token.split(':');
  return { apiVersion: module.replace(/^core\//, ''), kind };
}

/** Completes the inputs of a plain object: apiVersion, kind and, for built-in kinds, the namespace. */
export function completeObject(token: string, news: PropertyMap, defaultNamespace: string): PropertyMap {
  const { apiVersion, kind } = fromToken(token);
  const inputs: PropertyMap = { ...news, apiVersion: news['apiVersion'] ?? apiVersion, kind: news['kind'] ?? kind };
  const metadata = inputs['metadata'];
  const entry = builtInKind(inputs['apiVersion'], inputs['kind']);
  if (entry?.namespaced !== true || !isMap(metadata) || metadata['namespace'] !== undefined) return inputs;
  return { ...inputs, metadata: { ...metadata, namespace: defaultNamespace } };
}

/** The faults of an object's inputs that can be seen without the cluster. */
export function objectFailures(token: string, inputs: PropertyMap): CheckFailure[] {
  const { kind } = fromToken(token);
  if (kind.endsWith('Patch') || kind.endsWith('List')) return [{ property: '', reason: `${token} is not served by the emulated provider; use the kind itself` }];
  const metadata = inputs['metadata'];
  if (metadata === UNKNOWN) return [];
  if (!isMap(metadata) || metadata['name'] === undefined || metadata['name'] === '') {
    return [{ property: 'metadata.name', reason: 'a name is required: names are never generated here, so that a lost answer can be looked up' }];
  }
  const entry = builtInKind(inputs['apiVersion'], inputs['kind']);
  return entry?.namespaced === false && metadata['namespace'] !== undefined ? [{ property: 'metadata.namespace', reason: `${entry.kind} is cluster-wide and takes no namespace` }] : [];
}

/** The object to send. @throws Error where something is still unknown, which would be a fault of the engine. */
export function toObject(inputs: PropertyMap): KubeObject {
  const metadata = inputs['metadata'];
  const { apiVersion, kind } = inputs;
  if (hasUnknown(inputs) || typeof apiVersion !== 'string' || typeof kind !== 'string' || !isMap(metadata) || typeof metadata['name'] !== 'string') throw new Error('the inputs of the object are not complete');
  return { ...inputs, apiVersion, kind, metadata: { ...(metadata as JsonRecord), name: metadata['name'] } };
}

/** An object as outputs: everything but the field managers, which change with each write. */
export function toOutputs(object: KubeObject): PropertyMap {
  const { managedFields: _managers, ...metadata } = object.metadata;
  return { ...object, metadata } as unknown as PropertyMap;
}

/**
 * The inputs that would have led to the live object, for refresh: what the old inputs named, with live values; what others added is
 * left out, what is gone is gone. Without old inputs (import) everything that a client may set.
 */
export function liveInputs(oldInputs: PropertyMap, live: KubeObject): PropertyMap {
  const outputs = toOutputs(live) as JsonRecord;
  if (Object.keys(oldInputs).length === 0) {
    const { status: _status, ...rest } = outputs;
    const { uid: _uid, resourceVersion: _version, generation: _generation, creationTimestamp: _created, ...metadata } = live.metadata;
    delete metadata.managedFields;
    return { ...rest, metadata } as unknown as PropertyMap;
  }
  const readable = isSecret(live) ? { ...outputs, stringData: decoded(recordAt(live, 'data')) } : outputs;
  return projected(oldInputs, readable, '') as PropertyMap;
}

function projected(old: unknown, live: unknown, field: string): unknown {
  if (isRecord(old) && isRecord(live)) {
    return Object.fromEntries(Object.entries(old).flatMap(([name, value]) => (live[name] === undefined ? [] : [[name, projected(value, live[name], name)]])));
  }
  if (Array.isArray(old) && Array.isArray(live)) {
    // Items by name where they have one, else by place; items that others added to a list without names count as drift.
    const named = old.length > 0 && [...(old as unknown[]), ...(live as unknown[])].every((item) => stringAt(item, 'name') !== undefined);
    if (!named) return live.map((item: unknown, index) => (index < old.length ? projected(old[index], item, field) : item));
    return old.flatMap((item: unknown) => {
      const match: unknown = live.find((candidate: unknown) => stringAt(candidate, 'name') === stringAt(item, 'name'));
      return match === undefined ? [] : [projected(item, match, field)];
    });
  }
  return live;
}

/** Whether an object is a core Secret, whose data must stay out of messages and plain outputs. */
export function isSecret(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

function decoded(data: JsonRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(String(value), 'base64').toString()]));
}

/** A message without the values of a Secret. */
export function redacted(message: string, object: KubeObject): string {
  if (!isSecret(object)) return message;
  const values = [...Object.values(recordAt(object, 'data')), ...Object.values(recordAt(object, 'stringData')), ...listAt(object, 'data')].filter((value): value is string => typeof value === 'string' && value.length > 2);
  return values.reduce((text, value) => text.replaceAll(value, '[secret]'), message);
}

function isMap(value: unknown): value is PropertyMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
