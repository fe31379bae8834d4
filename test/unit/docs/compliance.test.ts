import { describe, expect, it } from 'vitest';
import { complianceRows, evidenceOf, staticPodEvidence } from '../../support/compliance.js';

/** Controls of the CIS Kubernetes Benchmark 1.12 by section: how many there are. */
const sections = [['1.1', 21], ['1.2', 30], ['1.3', 7], ['1.4', 2], ['2', 7], ['3.1', 3], ['3.2', 2], ['4.1', 10], ['4.2', 14], ['4.3', 1]] as const;
const rows = complianceRows();

describe('docs/compliance.md', () => {
  it('has every control of the benchmark once, in its order', () => {
    const expected = sections.flatMap(([section, count]) => Array.from({ length: count }, (_, index) => `${section}.${index + 1}`));
    expect(rows.map(({ control }) => control).filter((control) => control !== undefined)).toEqual(expected);
  });

  it.each(rows.map((row): [string, typeof row] => [row.control ?? row.asksFor, row]))('%s: points at a line that has the setting, at kubeadm, or says why not', (_name, row) => {
    const evidence = evidenceOf(row);
    if (evidence !== undefined) {
      expect(evidence.found, `${evidence.file}:${evidence.line}`).toContain(evidence.setting);
      expect(evidence.found.trim()).not.toMatch(/^#/);
      return;
    }
    if (staticPodEvidence(row) !== undefined) return;
    expect(row.where).toBe('–');
    expect(row.metBy).toMatch(/^(not met|does not apply): .{15,}/);
  });
});
