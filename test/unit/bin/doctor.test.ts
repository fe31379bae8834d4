import { describe, expect, it } from 'vitest';
import { look, missing, ok, warn } from '../../../bin/checks/finding.js';
import { clockFinding } from '../../../bin/checks/redis.js';
import { doctorRequest } from '../../../bin/doctor/options.js';
import { isReady, jsonReport, textReport } from '../../../bin/doctor/report.js';
import { ClusterwrightError } from '../../../model/errors.js';

describe('the doctor\'s command line', () => {
  it('asks for a look, as text or JSON, or for a policy', () => {
    expect(doctorRequest([])).toEqual({ command: 'look', output: 'text', region: undefined });
    expect(doctorRequest(['--region', 'eu-central-1', '-o', 'json'])).toEqual({ command: 'look', output: 'json', region: 'eu-central-1' });
    expect(doctorRequest(['policy', 'azure'])).toEqual({ command: 'policy', provider: 'azure' });
  });

  it.each([['policy'], ['-o', 'yaml'], ['--region'], ['policy', 'aws', 'more']])('does not understand %s %s', (...args) => {
    expect(() => doctorRequest(args)).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });
});

describe('the doctor\'s report', () => {
  const findings = [missing('TLS', 'There is none.'), ok('Redis', '7.2'), warn('clock', 'It is off.')];

  it('has what is missing at the end, and counts', () => {
    expect(textReport(findings)).toBe(['ok       Redis  7.2', 'warn     clock  It is off.', 'missing  TLS    There is none.', '', '1 ok, 1 to know of, 1 missing'].join('\n'));
  });

  it('is ready where nothing is missing', () => {
    expect(isReady(findings)).toBe(false);
    expect(isReady(findings.slice(1))).toBe(true);
    expect(JSON.parse(jsonReport(findings))).toEqual({ ready: false, findings });
  });
});

describe('a look', () => {
  it('finds missing what throws, in its own words and with its hint', async () => {
    const thrown = await look('accounts', () => Promise.reject(new ClusterwrightError('accounts-invalid', 'It is broken.')));
    expect(thrown).toEqual([missing('accounts', 'It is broken. Correct the accounts file at the places that are named.')]);
    expect(await look('x', () => Promise.reject(new Error('first line\nsecond')))).toEqual([missing('x', 'first line.')]);
  });

  it('finds missing what does not answer in time', async () => {
    expect(await look('x', () => new Promise(() => undefined), 20)).toEqual([missing('x', 'nothing was answered within 0.02 s: see whether this machine can reach it.')]);
  });
});

describe('a clock', () => {
  it.each([[0, 'ok'], [-4_000, 'ok'], [6_000, 'warn'], [-61_000, 'missing']] as const)('that is off by %i ms is %s', (aheadMs, level) => {
    expect(clockFinding('Redis', aheadMs).level).toBe(level);
  });
});
