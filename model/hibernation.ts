import { z } from 'zod';
import { cronSchema, lastBefore, timeZoneSchema } from './calendar.js';

const napSchema = z.strictObject({
  sleep: cronSchema.describe('When the cluster is hibernated, e.g. "0 20 * * 1-5"'),
  wake: cronSchema.describe('When it is woken, e.g. "0 7 * * 1-5"'),
  timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin'),
});

/** When a cluster sleeps. */
export const hibernationSchema = z.strictObject({ schedule: z.array(napSchema).min(1).max(10) });
export type Hibernation = z.infer<typeof hibernationSchema>;

/** What a calendar wants of a cluster, since when. */
export interface Move {
  readonly kind: 'hibernate' | 'wake';
  readonly at: Date;
}

/** The last that a calendar has wanted until `now`; of two at the same time the one that wakes. Pure. */
export function lastMove({ schedule }: Hibernation, now: Date): Move | undefined {
  const moves = schedule.flatMap(({ sleep, wake, timeZone }): Move[] => [
    { kind: 'wake', at: lastBefore({ cron: wake, timeZone }, now) }, { kind: 'hibernate', at: lastBefore({ cron: sleep, timeZone }, now) },
  ]);
  return moves.sort((one, other) => other.at.getTime() - one.at.getTime())[0];
}
