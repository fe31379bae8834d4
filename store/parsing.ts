import type { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';

/** Parses what was read or is to be written; what does not fit is a fault of the service or a foreign hand in Redis, and is named. */
export function parse<Schema extends z.ZodType>(value: unknown, what: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || '(all of it)').join(', ');
  throw new ClusterwrightError('internal-error', `A ${what} is not valid: ${places}.`, { cause: parsed.error });
}

/** Decodes a stored JSON text. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClusterwrightError('internal-error', `A ${what} is not JSON.`, { cause });
  }
}
