import { expect, it } from 'vitest';
import { driftRows, openOf } from '../../../console/cluster/findings.js';
import { driftFinding, type DriftReport } from '../../../model/drift.js';

const finding = (resource: string) => driftFinding({ layer: 'cloud', resource, property: null, expected: 'there', seen: 'missing', repair: 'a repair' });
const report: DriftReport = { kind: 'drift', at: '2026-11-29T10:00:00.000Z', findings: [finding('a'), finding('b')], unchecked: [] };
const aside = (resource: string) => ({ finding: finding(resource).id, until: '2026-12-29T10:00:00.000Z', reason: 'later', by: 'ann' });

it('lists what was found in its order, and what is left aside and was not found after it', () => {
  const rows = driftRows({ report, accepted: [], ignored: [aside('gone'), aside('a')] });

  expect(rows.map(({ id, finding: found, aside: left }) => [id, found !== undefined, left?.reason])).toEqual([['cloud#a#', true, 'later'], ['cloud#b#', true, undefined], ['cloud#gone#', false, 'later']]);
  expect(openOf(rows)).toBe(1);
  expect(driftRows({ report: null, accepted: [], ignored: [] })).toEqual([]);
});

it('counts nothing that the spec accepts', () => {
  const rows = driftRows({ report, accepted: [{ finding: finding('a').id, reason: 'meant' }], ignored: [] });

  expect(rows.map(({ accepted }) => accepted)).toEqual(['meant', undefined]);
  expect(openOf(rows)).toBe(1);
});
