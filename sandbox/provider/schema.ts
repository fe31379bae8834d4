import { readFileSync } from 'node:fs';
import type { CheckFailure } from '../protocol/provider.js';
import { hasUnknown, UNKNOWN, type PropertyMap, type PropertyValue } from '../protocol/values.js';

/** Properties of one resource type as the SDK's class declares them; a test compares the file with the SDK. */
export interface Schema {
  /** Input to kind (`string`, `number`, `boolean`, `list`, `map`, `object`, `document`, `any`), with `?` when optional. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
  /** Version of the cloud's interface that the class stands for, where there are several. */
  readonly apiVersion?: string;
}

/** The schemas of a cloud's types, by token. */
export type Schemas = (token: string) => Schema;

/** Reads a cloud's `schema.json`. */
export function readSchemas(file: URL): Schemas {
  const schemas = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Schema>>;
  return (token) => {
    const schema = schemas[token];
    if (schema === undefined) throw new Error(`schema.json has no ${token}`);
    return schema;
  };
}

/** Policy documents may be given as objects; the provider turns them into JSON text, as the real one does. */
export function withDocuments(schema: Schema, inputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const isDocument = schema.inputs[name]?.startsWith('document') === true && typeof value === 'object' && !hasUnknown(value);
      return [name, isDocument ? JSON.stringify(value) : value];
    }),
  );
}

/** Unknown, missing and mistyped top-level inputs, all at once. */
export function checkAgainst(schema: Schema, inputs: PropertyMap): CheckFailure[] {
  const unknown = Object.keys(inputs)
    .filter((name) => !(name in schema.inputs) && !name.startsWith('__'))
    .map((name) => ({ property: name, reason: `An argument named "${name}" is not expected here` }));
  const wrong = Object.entries(schema.inputs).flatMap(([name, kind]): CheckFailure[] => {
    const value = inputs[name];
    if (value === undefined) return kind.endsWith('?') ? [] : [{ property: name, reason: `Missing required property '${name}'` }];
    const expected = kind.replace('?', '');
    return fits(value, expected) ? [] : [{ property: name, reason: `expected a ${expected}` }];
  });
  return [...unknown, ...wrong];
}

function fits(value: PropertyValue, kind: string): boolean {
  if (value === UNKNOWN || value === null) return true;
  switch (kind) {
    case 'any':
      return true;
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    case 'document':
      return typeof value === 'string';
    case 'string': // Providers take numbers and booleans for text.
      return typeof value !== 'object';
    case 'number':
      return typeof value === 'number' || (typeof value === 'string' && value !== '' && Number.isFinite(Number(value)));
    default:
      return typeof value === kind || value === 'true' || value === 'false';
  }
}
