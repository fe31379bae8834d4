import { z } from 'zod';
import { cronSchema, timeZoneSchema } from './calendar.js';

/** When restores are tried, and what each of them has to keep to. */
export const recoverySchema = z.strictObject({
  drills: z.strictObject({
    schedule: cronSchema.describe('When the newest backup is tried, e.g. "0 4 * * 0"'),
    timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin'),
  }).optional().describe('When restore drills begin by themselves; without it never'),
  targets: z.strictObject({
    rpoMinutes: z.int().min(1).max(10_080).default(70).describe('How old the newest backup may be when a drill begins. etcd is saved every hour, and up to ten minutes later'),
    rtoMinutes: z.int().min(1).max(1_440).default(30).describe('How long a drill may take until all that the backup has was looked through'),
  }).prefault({}),
});
export type Recovery = z.infer<typeof recoverySchema>;
