import { z } from 'zod';

/** A page of a list. */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable().describe('The `cursor` of the next page; null on the last') });
}
