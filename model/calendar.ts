import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';

/** A time of a calendar that comes again, and where it counts. */
export interface Recurring {
  /** Five fields of cron. */
  readonly cron: string;
  readonly timeZone: string;
}

/** Five fields of cron: minute, hour, day of the month, month, day of the week. */
export const cronSchema = z.string().max(100).refine(isCron, 'must be five fields of cron, such as "0 20 * * 1-5"');

/** A time zone of the IANA's database. */
export const timeZoneSchema = z.string().max(60).refine(isTimeZone, 'must be a time zone of the IANA\'s database, such as Europe/Berlin');

/** The last time at or before `now`. Pure. */
export function lastBefore({ cron, timeZone }: Recurring, now: Date): Date {
  // The library gives what lies before a moment, and counts in seconds.
  return CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(Math.floor(now.getTime() / 1_000) * 1_000 + 1_000) }).prev().toDate();
}

/** The first time after `now`. Pure. */
export function firstAfter({ cron, timeZone }: Recurring, now: Date): Date {
  return CronExpressionParser.parse(cron, { tz: timeZone, currentDate: now }).next().toDate();
}

function isCron(text: string): boolean {
  // The library also takes six fields, with seconds, and words such as @daily.
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    CronExpressionParser.parse(text).next();
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
