import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { checkDocument } from '../../model/faults.js';

/** Parses what stands behind the question mark. Throws `invalid-parameter` that names every fault: unknown, repeated and malformed ones. */
export function parseQuery(search: string, schema: z.ZodObject): Record<string, unknown> {
  const given = new Map<string, string>();
  const repeated: string[] = [];
  for (const [name, value] of new URLSearchParams(search)) {
    if (given.has(name)) repeated.push(`${quoted(name)} is given more than once`);
    given.set(name, value);
  }
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(schema.shape, name)).map((name) => `${quoted(name)} is not a known parameter`);
  const known = Object.fromEntries([...given].filter(([name]) => Object.hasOwn(schema.shape, name)));
  return parsed(schema, known, [...repeated, ...unknown], 'query parameter');
}

/** Parses the headers that an operation knows, by the names of its schema; all others are left alone. */
export function parseHeaders(request: IncomingMessage, schema: z.ZodObject): Record<string, unknown> {
  const given = Object.keys(schema.shape).map((name) => [name, request.headers[name.toLowerCase()]] as const).filter(([, value]) => value !== undefined);
  return parsed(schema, Object.fromEntries(given), [], 'header');
}

function parsed(schema: z.ZodObject, value: object, faults: readonly string[], kind: string): Record<string, unknown> {
  const checked = checkDocument(schema, value);
  if (checked.data && faults.length === 0) return checked.data;
  const all = [...faults, ...(checked.faults ?? []).map((fault) => `${fault.pointer.slice(1)} ${fault.detail}`)];
  throw new ClusterwrightError('invalid-parameter', `${all.length === 1 ? 'One' : all.length} ${kind}${all.length === 1 ? ' is' : 's are'} not valid: ${all.join('; ')}.`);
}

/** A name that a caller made up, short and printable. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** A whole number in a query. */
export function wholeNumber(low: number, high: number) {
  const message = `must be a whole number from ${low} to ${high}`;
  return z.string().regex(/^[0-9]{1,15}$/, message).transform(Number).pipe(z.int(message).min(low, message).max(high, message));
}

/** `true` or `false` in a query; absent is false. */
export const flagSchema = z.enum(['true', 'false']).default('false').transform((value) => value === 'true');

const pageShape = {
  limit: wholeNumber(1, 200).default(50).meta({ type: 'integer', minimum: 1, maximum: 200, default: 50, description: 'Items on a page.' }),
  cursor: z.string().regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be the nextCursor of an earlier answer').optional().describe('The `nextCursor` of the page before.'),
};

/** The query of a list, with filters of its own. */
export function pageSchema<Filters extends z.core.$ZodLooseShape>(filters: Filters) {
  return z.strictObject({ ...pageShape, ...filters });
}

/** The query of every operation that can be previewed. */
export const dryRunShape = {
  dryRun: flagSchema.meta({ type: 'boolean', default: false, description: 'Work out a plan instead: the answer has a job of kind `preview`, and nothing changes.' }),
};

/** Query parameters of what can wait for a maintenance window. */
export const windowShape = {
  urgent: flagSchema.meta({ type: 'boolean', default: false, description: 'Do it now, also outside the maintenance windows that the spec may have; `when` says nothing then' }),
  when: z.enum(['now', 'window']).default('now').describe('Outside the windows: `now` is refused, and `window` has the job wait until one opens. Within one, and without any, both begin at once'),
};
