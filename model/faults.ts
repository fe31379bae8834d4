import type { z } from 'zod';
import { ClusterwrightError, type Fault } from './errors.js';
import { isJsonObject } from './merge-patch.js';
import { pointer } from './pointer.js';

/** A document that fits its schema, or everything that is wrong with it. */
export type Checked<T> = { readonly data: T; readonly faults?: undefined } | { readonly data?: undefined; readonly faults: readonly Fault[] };

/** Parses a document; answers all its faults, each with its JSON pointer. An unknown field is a fault of its own, at its own place. */
export function checkDocument<T>(schema: z.ZodType<T>, document: unknown): Checked<T> {
  // With the input reported, a missing field can be told from one of another type.
  const parsed = schema.safeParse(document, { reportInput: true });
  if (parsed.success) return { data: parsed.data };
  return {
    faults: parsed.error.issues.flatMap((issue) => issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), detail: 'is not a known field' }))
      : [{ pointer: pointer(issue.path), detail: describe(issue) }]),
  };
}

/** The fields of a document that are valid by themselves: what rules across fields are held against where the whole is not. */
export function validParts<Shape extends Readonly<Record<string, z.ZodType>>>(schema: z.ZodObject<Shape>, document: unknown): Partial<z.output<z.ZodObject<Shape>>> {
  if (!isJsonObject(document)) return {};
  const parts = Object.entries<z.ZodType>(schema.shape).flatMap(([name, field]) => {
    const parsed = field.safeParse(document[name]);
    return parsed.success ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(parts) as Partial<z.output<z.ZodObject<Shape>>>;
}

function describe(issue: z.core.$ZodIssue): string {
  const missing = issue.input === undefined;
  switch (issue.code) {
    case 'invalid_type':
      return missing ? `${required} (${issue.expected})` : `must be of type ${issue.expected}`;
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ');
      return missing ? `${required} (one of: ${values})` : `must be one of: ${values}`;
    }
    // The name of a field, and not what it has.
    case 'invalid_key':
      return issue.issues.map(describe).join('; ');
    default:
      return missing ? required : issue.message;
  }
}

const required = 'is required';

/** Whether a fault says that something is missing, and not that it is wrong. */
export function saysMissing(fault: Fault): boolean {
  return fault.detail.startsWith(required);
}

/** Indices of the items that stand earlier in the list already. */
export function repeated(values: readonly string[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}

/** The error of a document with these faults: it says how many there are, and where. */
export function faulty(code: 'invalid-body' | 'invalid-spec', faults: readonly Fault[]): ClusterwrightError {
  return new ClusterwrightError(code, `${faults.length === 1 ? 'One fault' : `${faults.length} faults`}: ${faults.map(({ pointer: at }) => at || '(document)').join(', ')}.`, { faults });
}
