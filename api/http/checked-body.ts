import type { z } from 'zod';
import { checkDocument, faulty } from '../../model/faults.js';
import type { Json } from '../../model/merge-patch.js';

/** A body that fits its schema. Throws `invalid-body` with everything that is wrong with it. */
export function checkedBody<T>(schema: z.ZodType<T>, body: Json): T {
  const checked = checkDocument(schema, body);
  if (checked.faults === undefined) return checked.data;
  throw faulty('invalid-body', checked.faults);
}
