import { describe, expect, it } from 'vitest';
import { driftFinding, ignoredFrom, type DriftReport } from '../../../model/drift.js';
import { isClusterwrightError } from '../../../model/errors.js';
import type { Json } from '../../../model/merge-patch.js';

const now = new Date('2026-05-04T12:00:00Z');
const finding = driftFinding({ layer: 'cloud', resource: 'rule-1', property: null, expected: 'not there', seen: 'there', repair: 'repair' });
const report: DriftReport = { kind: 'drift', at: '2026-05-04T11:00:00Z', findings: [finding], unchecked: [] };
const asked = { finding: finding.id, until: '2026-06-01T00:00:00Z', reason: 'Ticket 4711' };

/** Where the faults of a body are. */
function pointersOf(body: Json): string[] {
  try {
    ignoredFrom(body, report, now);
    return [];
  } catch (error) {
    if (!isClusterwrightError(error)) throw error;
    return (error.faults ?? []).map(({ pointer }) => pointer).sort();
  }
}

describe('what is asked to be left aside of drift', () => {
  it('is taken as it is where all of it is right', () => {
    expect(ignoredFrom(asked, report, now)).toEqual(asked);
  });

  it('is refused with all of its faults at once', () => {
    expect(pointersOf({ finding: 'cloud#another#', until: '2026-05-01T00:00:00Z', reason: '', user: 'ann' })).toEqual(['/finding', '/reason', '/until', '/user']);
    expect(pointersOf({})).toEqual(['/finding', '/reason', '/until']);
    expect(pointersOf({ ...asked, until: '2028-01-01T00:00:00Z' })).toEqual(['/until']);
  });
});
