import { describe, expect, it } from 'vitest';
import { localText, timeOf } from '../../../console/parts/local-time.js';

describe('a time of who looks', () => {
  it('is the same time there and back, to the minute', () => {
    for (const time of ['2026-01-31T23:59:00.000Z', '2026-07-01T00:00:00.000Z']) expect(timeOf(localText(new Date(time)))).toBe(time);
    expect(localText(new Date('2026-07-01T12:30:59.999Z'))).toMatch(/^2026-07-01T\d\d:30$/);
  });

  it('is left to the service where it is none', () => {
    expect(timeOf('')).toBe('');
    expect(timeOf('tomorrow')).toBe('tomorrow');
  });
});
