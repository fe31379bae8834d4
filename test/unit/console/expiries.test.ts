import { describe, expect, it } from 'vitest';
import { expiryRows } from '../../../console/expiries/rows.js';
import type { Expiry } from '../../../console/shapes.js';

const now = Date.parse('2026-11-29T10:00:00.000Z');
const ends = (kind: Expiry['kind'], name: string, days: number): Expiry => ({ kind, name, node: kind === 'certificate' ? 'cp-1' : null, endsAt: new Date(now + days * 86_400_000).toISOString() });
const rowsOf = (...expiries: Expiry[]) => expiryRows([{ cluster: 'a', observedAt: '2026-11-29T09:58:00.000Z', expiries }], now);

describe('what ends in clusters', () => {
  it('is a row for each kind, with what ends first and how many more there are', () => {
    const rows = rowsOf(ends('certificate', 'apiserver', 200), ends('certificate', 'etcd/peer', 201), ends('authority', 'ca', 3000));

    expect(rows.map(({ first, more }) => [first.name, more])).toEqual([['apiserver', 1], ['ca', 0]]);
  });

  it('is to be looked at where it has ended, or soon will and does not renew itself', () => {
    const standing = (kind: Expiry['kind'], days: number) => rowsOf(ends(kind, 'x', days))[0]?.standing;

    expect([standing('kubernetes', 59), standing('kubernetes', 61)]).toEqual(['soon', 'later']);
    expect([standing('operating-system', 59), standing('operating-system', 61)]).toEqual(['soon', 'later']);
    expect([standing('authority', 59), standing('authority', 61)]).toEqual(['soon', 'later']);
    expect([standing('certificate', 13), standing('certificate', 29)]).toEqual(['soon', 'later']);
    expect([standing('join-token', 0.5), standing('join-token', -0.1)]).toEqual(['later', 'ended']);
    expect([standing('provisioner-client', 0.5), standing('kubernetes', -1)]).toEqual(['later', 'ended']);
  });

  it('has at its beginning what has to be looked at, of all clusters', () => {
    const rows = expiryRows([
      { cluster: 'b', observedAt: null, expiries: [ends('join-token', 'x', 0.5), ends('kubernetes', '1.34', 20)] },
      { cluster: 'a', observedAt: null, expiries: [ends('join-token', 'x', -1), ends('kubernetes', '1.34', 20)] },
    ], now);

    expect(rows.map(({ cluster, first, standing }) => [cluster, first.kind, standing])).toEqual([['a', 'join-token', 'ended'], ['a', 'kubernetes', 'soon'], ['b', 'kubernetes', 'soon'], ['b', 'join-token', 'later']]);
  });
});
