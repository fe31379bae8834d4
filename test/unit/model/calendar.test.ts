import { describe, expect, it } from 'vitest';
import { hibernationSchema, lastMove } from '../../../model/hibernation.js';
import { isOpen, maintenanceSchema, nextOpening } from '../../../model/maintenance.js';

const nights = hibernationSchema.parse({ schedule: [{ sleep: '0 20 * * 1-5', wake: '0 7 * * 1-5', timeZone: 'Europe/Berlin' }] });
const at = (time: string): Date => new Date(time);

describe('a calendar of hibernation', () => {
  it.each([
    // A Monday in summer: Berlin is two hours ahead.
    ['2026-07-06T04:59:59Z', 'hibernate', '2026-07-03T18:00:00.000Z'],
    ['2026-07-06T05:00:00Z', 'wake', '2026-07-06T05:00:00.000Z'],
    ['2026-07-06T17:59:59.999Z', 'wake', '2026-07-06T05:00:00.000Z'],
    ['2026-07-06T18:00:00Z', 'hibernate', '2026-07-06T18:00:00.000Z'],
    // In winter one hour.
    ['2026-12-07T18:59:00Z', 'wake', '2026-12-07T06:00:00.000Z'],
    ['2026-12-07T19:00:00Z', 'hibernate', '2026-12-07T19:00:00.000Z'],
  ])('wants at %s what it wanted last: %s since %s', (now, kind, since) => {
    expect(lastMove(nights, at(now))).toEqual({ kind, at: at(since) });
  });

  it('wakes where two of its times come together', () => {
    const both = hibernationSchema.parse({ schedule: [{ sleep: '0 6 * * *', wake: '0 6 * * *' }] });
    expect(lastMove(both, at('2026-07-06T07:00:00Z'))).toEqual({ kind: 'wake', at: at('2026-07-06T06:00:00Z') });
  });

  it.each([
    [{ sleep: '0 0 20 * * 1-5', wake: '0 7 * * *' }, '/sleep'], [{ sleep: '@daily', wake: '0 7 * * *' }, '/sleep'], [{ sleep: '0 25 * * *', wake: '0 7 * * *' }, '/sleep'],
    [{ sleep: '0 20 * * *', wake: '0 7 * * *', timeZone: 'Europe/Atlantis' }, '/timeZone'],
  ])('refuses %o', (nap, place) => {
    const issues = hibernationSchema.safeParse({ schedule: [nap] }).error?.issues ?? [];
    expect(issues.map(({ path }) => `/${path.join('/')}`)).toEqual([`/schedule/0${place}`]);
  });
});

describe('maintenance windows', () => {
  const maintenance = maintenanceSchema.parse({ windows: [{ days: ['sat', 'sun'], start: '23:00', hours: 4, timeZone: 'Europe/Berlin' }] });

  it.each([
    ['2026-07-04T20:59:59Z', false], ['2026-07-04T21:00:00Z', true], ['2026-07-05T00:59:59Z', true], ['2026-07-05T01:00:00Z', false],
    // The one of Sunday is open into Monday.
    ['2026-07-06T00:30:00Z', true], ['2026-07-06T21:30:00Z', false],
  ])('are open at %s: %s', (now, open) => {
    expect(isOpen(maintenance, at(now))).toBe(open);
  });

  it('tell when they open next, and are always open where there are none', () => {
    expect(nextOpening(maintenance, at('2026-07-06T08:00:00Z'))).toEqual(at('2026-07-11T21:00:00Z'));
    expect(isOpen(undefined, at('2026-07-06T08:00:00Z'))).toBe(true);
  });

  it.each([{ start: '24:00', hours: 1 }, { start: '2:00', hours: 1 }, { start: '02:00', hours: 25 }, { start: '02:00', hours: 1, days: [] }])('refuse %o', (window) => {
    expect(maintenanceSchema.safeParse({ windows: [window] }).success).toBe(false);
  });
});
