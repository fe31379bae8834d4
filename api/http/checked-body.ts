import type { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { checkDocument } from '../../model/faults.js';
import type { Json } from '../../model/merge-patch.js';

/** A body that fits its schema. Throws `invalid-body` with everything that is wrong with it. */
export function checkedBody<T>(schema: z.ZodType<T>, body: Json): T {
  const checked = checkDocument(schema, body);
  if (checked.faults === undefined) return checked.data;
  const { faults } = checked;
  throw new ClusterwrightError('invalid-body', `${faults.length === 1 ? 'One fault' : `${faults.length} faults`}: ${faults.map(({ pointer }) => pointer || '(document)').join(', ')}.`, { faults });
}
