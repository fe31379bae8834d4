import { z } from 'zod';

const historySchema = z.array(z.object({
  kind: z.string(),
  result: z.string(),
  /** Absent while the update runs, on backends that list it then. */
  endTime: z.iso.datetime().optional(),
}));

/** An entry of a stack's history. An engine that was killed leaves none on backends of one's own: pending operations and locks tell of it. */
export interface StackUpdate {
  /** `update`, `refresh`, `destroy`, or another word of the engine's. */
  readonly kind: string;
  /** `succeeded`, `failed` or `in-progress`. */
  readonly result: string;
  /** RFC 3339; undefined while it runs. */
  readonly endedAt: string | undefined;
}

/** Reads what `pulumi stack history --json` prints, the newest entry first. @throws ZodError when it is none */
export function readHistory(text: string): StackUpdate[] {
  return historySchema.parse(JSON.parse(text)).map(({ kind, result, endTime }) => ({ kind, result, endedAt: endTime }));
}
