import { z } from 'zod';
import { firstAfter, lastBefore, timeZoneSchema, type Recurring } from './calendar.js';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const windowSchema = z.strictObject({
  days: z.array(z.enum(days)).min(1).max(7).default([...days]),
  start: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 02:30'),
  hours: z.int().min(1).max(24).describe('How long it is open'),
  timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin'),
});
type Window = z.infer<typeof windowSchema>;

/** When a cluster may be worked on for what can wait. */
export const maintenanceSchema = z.strictObject({ windows: z.array(windowSchema).min(1).max(10) });
export type Maintenance = z.infer<typeof maintenanceSchema>;

/** Whether a window is open at `now`; without windows it always is. Pure. */
export function isOpen(maintenance: Maintenance | undefined, now: Date): boolean {
  return maintenance === undefined || maintenance.windows.some((window) => now.getTime() < lastBefore(opening(window), now).getTime() + window.hours * 3_600_000);
}

/** When a window opens next. Pure. */
export function nextOpening({ windows }: Maintenance, now: Date): Date {
  return new Date(Math.min(...windows.map((window) => firstAfter(opening(window), now).getTime())));
}

function opening({ days: on, start, timeZone }: Window): Recurring {
  const [hour, minute] = start.split(':').map(Number);
  return { cron: `${minute} ${hour} * * ${on.join(',')}`, timeZone };
}
