import { describe, expect, it } from 'vitest';
import { defaultRetryPolicy, retryAfter, verdictOf, type Answer } from '../../../../worker/webhooks/verdict.js';

const status = (code: number, retryAfterMs?: number): Answer => ({ status: code, error: null, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
const middle = (): number => 0.5;

describe('a delivery', () => {
  it.each([200, 201, 202, 204, 299])('is made with status %i', (code) => {
    expect(verdictOf(status(code), 1, defaultRetryPolicy)).toEqual({ state: 'delivered' });
  });

  it('is given up at once where the receiver is gone for good or must not be dialled', () => {
    expect(verdictOf(status(410), 1, defaultRetryPolicy)).toEqual({ state: 'given-up' });
    expect(verdictOf({ status: null, error: 'refused-address' }, 1, defaultRetryPolicy)).toEqual({ state: 'given-up' });
  });

  it.each([301, 302, 307, 400, 401, 403, 404, 422])('is given up after three tries with status %i', (code) => {
    expect([1, 2, 3].map((number) => verdictOf(status(code), number, defaultRetryPolicy).state)).toEqual(['pending', 'pending', 'given-up']);
  });

  it.each([status(408), status(429), status(500), status(503), { status: null, error: 'timeout' as const }, { status: null, error: 'tls' as const }])('has twelve tries with $status$error', (answer) => {
    expect([1, 11, 12].map((number) => verdictOf(answer, number, defaultRetryPolicy).state)).toEqual(['pending', 'pending', 'given-up']);
  });

  it('is tried for most of a day, with growing waits', () => {
    const waits = Array.from({ length: 11 }, (_, index) => {
      const verdict = verdictOf(status(500), index + 1, defaultRetryPolicy, middle);
      return verdict.state === 'pending' ? verdict.waitMs : 0;
    });
    expect(waits[0]).toBe(5_000);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    const hours = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(24);
  });

  it('varies its waits by a fifth', () => {
    const at = (random: number): unknown => verdictOf(status(500), 1, defaultRetryPolicy, () => random);
    expect([at(0), at(1)]).toEqual([{ state: 'pending', waitMs: 4_000 }, { state: 'pending', waitMs: 6_000 }]);
  });

  it('waits as long as the receiver asks, but no longer than a day', () => {
    expect(verdictOf(status(503, 60_000), 1, defaultRetryPolicy, middle)).toEqual({ state: 'pending', waitMs: 60_000 });
    expect(verdictOf(status(503, 1), 1, defaultRetryPolicy, middle)).toEqual({ state: 'pending', waitMs: 5_000 });
    expect(verdictOf(status(503, 1e12), 1, defaultRetryPolicy, middle)).toEqual({ state: 'pending', waitMs: 86_400_000 });
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, milliseconds) => {
    expect(retryAfter(header, now)).toBe(milliseconds);
  });
});
