import { describe, expect, it } from 'vitest';
import { faultsCompared, faultsFound, targetsMissed, type Comparison, type DrillFinding } from '../../../model/drill.js';
import { recoverySchema } from '../../../model/recovery.js';

const good: DrillFinding = { seconds: { restore: 1.2, etcd: 0.5, apiServer: 4, checks: 0.3 }, objects: { expected: 212, found: 212 }, secrets: { expected: 9, found: 9, refusal: null }, canary: 'whole' };

describe('a restore drill', () => {
  it('finds no fault in a backup that has what it says', () => {
    expect(faultsFound(good)).toEqual([]);
  });

  it.each<[string, Partial<DrillFinding>, RegExp]>([
    ['objects that are missing', { objects: { expected: 212, found: 211 } }, /211 objects were found, and there were 212/],
    ['a backup that does not say how many it has', { objects: { expected: null, found: 212 } }, /does not say how many/],
    ['Secrets that nobody can decrypt', { secrets: { expected: 9, found: null, refusal: 'no matching key was found' } }, /no matching key was found/],
    ['Secrets that are not listed', { secrets: { expected: 9, found: 8, refusal: null } }, /8 Secrets can be read, and etcd holds 9/],
    ['a canary of another time', { canary: 'other' }, /another than the one/], ['a canary that is missing', { canary: 'missing' }, /is missing/], ['a backup without a canary', { canary: 'unknown' }, /without a canary/],
  ])('names %s', (_what, change, words) => {
    expect(faultsFound({ ...good, ...change })).toEqual([expect.stringMatching(words)]);
  });

  it('names all that is wrong at once', () => {
    expect(faultsFound({ ...good, objects: { expected: 212, found: 1 }, secrets: { expected: 9, found: 0, refusal: null }, canary: 'missing' })).toHaveLength(3);
  });

  it('keeps to its targets to the second, and names those that it misses with the numbers', () => {
    const targets = { rpoSeconds: 4200, rtoSeconds: 1800 };
    expect(targetsMissed({ rpoSeconds: 4200, rtoSeconds: 1800, targets })).toEqual([]);
    expect(targetsMissed({ rpoSeconds: 4201, rtoSeconds: 1801, targets })).toEqual([expect.stringContaining('4201 s old, and may be 4200 s'), expect.stringContaining('1801 s, and may take 1800 s')]);
    expect(targetsMissed({ rpoSeconds: null, rtoSeconds: null, targets })).toEqual([]);
  });

  it('has targets without anybody asking, and a calendar only where somebody does', () => {
    const cluster = { rpoMinutes: 1500, rtoMinutes: 120 };
    expect(recoverySchema.parse({})).toEqual({ targets: { rpoMinutes: 70, rtoMinutes: 30, cluster } });
    expect(recoverySchema.parse({ drills: { schedule: '0 4 * * 0' }, targets: { rtoMinutes: 5 } })).toEqual({ drills: { schedule: '0 4 * * 0', timeZone: 'UTC' }, targets: { rpoMinutes: 70, rtoMinutes: 5, cluster } });
    expect(recoverySchema.safeParse({ drills: { schedule: '@daily' } }).error?.issues.map(({ path }) => path.join('/'))).toEqual(['drills/schedule']);
  });
});

describe('a drill of a whole cluster', () => {
  const whole: Comparison = { objects: { expected: 9, found: 9 }, missing: [], different: [], velero: { warnings: 1, errors: 0 }, leftOut: { pods: 4 } };
  const counted = (namespace: string) => ({ resource: 'secrets', namespace, expected: 3, found: 1 });

  it('finds no fault where all that it tries has come back', () => {
    expect(faultsCompared(whole)).toEqual([]);
  });

  it('names what is missing and what is another, by kind and namespace, and not without end', () => {
    expect(faultsCompared({ ...whole, missing: [counted('payments')], different: [counted('orders')] })).toEqual([expect.stringContaining('1 of 3 secrets in payments'), expect.stringContaining('2 of 3 secrets in orders')]);
    expect(faultsCompared({ ...whole, missing: Array.from({ length: 8 }, (_, index) => counted(`team-${index}`)) })).toEqual([expect.stringMatching(/in team-4, and 3 more\.$/)]);
  });

  it('does not pass on a backup with nothing in it', () => {
    expect(faultsCompared({ ...whole, objects: { expected: 0, found: 0 } })).toEqual([expect.stringContaining('no objects')]);
  });
});
