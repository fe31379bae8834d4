import type { Drift, DriftFinding, IgnoredFinding } from '../shapes.js';

/** Something that has drifted, or that is left aside although it is not found any more. */
export interface DriftRow {
  readonly id: string;
  readonly finding: DriftFinding | undefined;
  readonly aside: IgnoredFinding | undefined;
  /** Why the spec accepts it; undefined where it does not. */
  readonly accepted: string | undefined;
}

/** What the last check found, in its order wherever it stands, and then what is left aside and was not found. */
export function driftRows({ report, accepted, ignored }: Drift): readonly DriftRow[] {
  const aside = new Map(ignored.map((one) => [one.finding, one]));
  const reasons = new Map(accepted.map(({ finding, reason }) => [finding, reason]));
  const findings = report?.findings ?? [];
  const found = new Set(findings.map(({ id }) => id));
  return [
    ...findings.map((finding): DriftRow => ({ id: finding.id, finding, aside: aside.get(finding.id), accepted: reasons.get(finding.id) })),
    ...ignored.filter(({ finding }) => !found.has(finding)).map((one): DriftRow => ({ id: one.finding, finding: undefined, aside: one, accepted: undefined })),
  ];
}

/** How many rows are drift that counts. */
export function openOf(rows: readonly DriftRow[]): number {
  return rows.filter(({ aside, accepted }) => aside === undefined && accepted === undefined).length;
}
