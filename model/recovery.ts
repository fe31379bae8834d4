import { z } from 'zod';
import { cronSchema, timeZoneSchema } from './calendar.js';

const calendarShape = { timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin') };

/** When restores are tried, and what each of them has to keep to. */
export const recoverySchema = z.strictObject({
  drills: z.strictObject({
    schedule: cronSchema.describe('When the newest backup is tried, e.g. "0 4 * * 0"'),
    ...calendarShape,
  }).optional().describe('When restore drills begin by themselves; without it never'),
  clusterDrills: z.strictObject({
    schedule: cronSchema.describe('When the newest of Velero\'s backups with files is tried in a cluster that is made for it, e.g. "0 5 1 * *"'),
    ...calendarShape,
  }).optional().describe('When drills of the whole cluster begin by themselves; without it never'),
  targets: z.strictObject({
    rpoMinutes: z.int().min(1).max(10_080).default(70).describe('How old the newest backup may be when a drill begins. etcd is saved every hour, and up to ten minutes later'),
    rtoMinutes: z.int().min(1).max(1_440).default(30).describe('How long a drill may take until all that the backup has was looked through'),
    cluster: z.strictObject({
      rpoMinutes: z.int().min(1).max(10_080).default(1_500).describe('How old the newest backup with files may be. Velero makes one every night'),
      rtoMinutes: z.int().min(1).max(10_080).default(120).describe('How long it may take until a new cluster is there and has what the backup has'),
    }).prefault({}).describe('The same for drills of a whole cluster'),
  }).prefault({}),
});
export type Recovery = z.infer<typeof recoverySchema>;
