import { isJsonObject, type Json } from '../../model/merge-patch.js';
import { namedLists } from '../../model/resolve.js';

/** Fields that a request names even with a template. */
const always = ['name', 'provider', 'access'];

const someone = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-${String(digit).repeat(12)}`;

/** A request that is complete with its template. */
const requestExample: Json = {
  name: 'payments-prod', template: 'production', provider: 'aws', owner: 'payments',
  access: { entra: { tenantId: someone(1), clientId: someone(2) }, groups: [{ id: someone(3), role: 'admin' }] },
};

/** A change of one pool's bounds, in a cluster that has no other: arrays are replaced whole. */
const patchExample: Json = { nodePools: [{ name: 'general', minNodes: 3, maxNodes: 12 }] };

/**
 * The schema of a create request, out of that of the resolved spec: what a template gives may be left out. Items of arrays stay as
 * they are, since arrays are never merged.
 */
export function requestSchema(spec: Json): Json {
  const request = everyFieldOptional(spec, (field) => field);
  if (!isJsonObject(request)) return request;
  const { properties } = request;
  const access = isJsonObject(properties) && isJsonObject(spec) && isJsonObject(spec['properties']) ? spec['properties']['access'] : undefined;
  return {
    ...request,
    ...(isJsonObject(properties) && access !== undefined ? { properties: { ...properties, access } } : {}),
    required: always,
    description: 'The cluster that is wanted. With a template all but these may be left out; without one everything that has no default is required.',
    examples: [requestExample],
  };
}

/** The schema of a spec in answers, out of that by which one is read: what has a default is always there. */
export function answeredSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(answeredSchema);
  if (!isJsonObject(schema)) return schema;
  const whole = Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, subschemas.includes(keyword) ? answeredSchema(value) : value]));
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return whole;
  const filled = Object.keys(properties).filter((name) => (Array.isArray(required) && required.includes(name)) || (isJsonObject(properties[name]) && Object.hasOwn(properties[name], 'default')));
  return { ...whole, properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, answeredSchema(value)])), ...(filled.length > 0 ? { required: filled } : {}) };
}

/** Keywords that hold schemas of their own. */
const subschemas = ['items', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'];

/** The schema of a merge patch, out of that of the resolved spec: every field may be left out, and `null` takes it back to its default; likewise in items that are known by their name. */
export function patchSchema(spec: Json): Json {
  const patch = everyFieldOptional(spec, nullable);
  if (!isJsonObject(patch) || !isJsonObject(patch['properties'])) return patch;
  const lists = namedLists.flatMap((list) => {
    const schema = isJsonObject(patch['properties']) ? patch['properties'][list] : undefined;
    return isJsonObject(schema) && isJsonObject(schema['items']) ? [[list, { ...schema, items: itemPatch(schema['items']) }] as const] : [];
  });
  return {
    ...patch,
    properties: { ...patch['properties'], ...Object.fromEntries(lists) },
    description: 'A merge patch (RFC 7396) on the resolved spec; immutable fields may only be repeated. Lists are replaced whole, but a pool or namespace of a name that the cluster has keeps what is left out of it; a new one needs what has no default.',
    examples: [patchExample],
  };
}

function itemPatch(item: { [key: string]: Json }): Json {
  const patch = everyFieldOptional(item, nullable);
  return isJsonObject(patch) && isJsonObject(patch['properties']) && isJsonObject(item['properties']) ? { ...patch, properties: { ...patch['properties'], name: item['properties']['name'] ?? {} }, required: ['name'] } : item;
}

function everyFieldOptional(schema: Json, field: (schema: Json) => Json): Json {
  if (!isJsonObject(schema) || schema['type'] !== 'object' || !isJsonObject(schema['properties'])) return schema;
  const { required: _required, properties: _properties, ...rest } = schema;
  return { ...rest, properties: Object.fromEntries(Object.entries(schema['properties']).map(([name, value]) => [name, field(everyFieldOptional(value, field))])) };
}

function nullable(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const { default: _default, ...rest } = schema;
  if (typeof rest['type'] !== 'string') return Array.isArray(rest['type']) ? rest : { anyOf: [rest, { type: 'null' }] };
  return { ...rest, type: [rest['type'], 'null'], ...(Array.isArray(rest['enum']) ? { enum: [...rest['enum'], null] } : {}) };
}
