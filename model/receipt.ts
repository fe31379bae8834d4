import { z } from 'zod';

/** The proof of a deletion: every kind that was looked for, what is left against the will, and what was kept on purpose or by the cloud. */
export const receiptSchema = z.strictObject({
  checked: z.array(z.strictObject({ kind: z.string(), count: z.int() })),
  leftovers: z.array(z.strictObject({ id: z.string(), kind: z.string(), region: z.string(), reason: z.string() })),
  retained: z.array(z.strictObject({ id: z.string(), kind: z.string(), region: z.string(), reason: z.string(), until: z.iso.datetime().nullable() })),
  at: z.iso.datetime(),
});
export type Receipt = z.infer<typeof receiptSchema>;
