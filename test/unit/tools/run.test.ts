import { describe, expect, it } from 'vitest';
import { severalCopies } from '../../../tools/run/checks.mjs';
import { fault, lastLine, sum } from '../../../tools/run/tally.mjs';

describe('test run', () => {
  it('ends in one line', () => {
    expect(lastLine({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped');
  });

  it('counts what several suites come to together', () => {
    expect(sum([{ passed: 12, failed: 1, skipped: 2 }, { passed: 3, failed: 0, skipped: 1 }])).toEqual({ passed: 15, failed: 1, skipped: 3 });
  });

  it.each([
    ['green', { passed: 3, failed: 0, skipped: 0 }, true, undefined],
    ['a failure', { passed: 3, failed: 2, skipped: 0 }, false, '2 failed'],
    ['nothing ran', { passed: 0, failed: 0, skipped: 0 }, false, 'no test ran'],
    ['a skip in the pipeline', { passed: 3, failed: 0, skipped: 1 }, true, 'tests were skipped although CLUSTERWRIGHT_NO_SKIP is set'],
    ['a skip elsewhere', { passed: 3, failed: 0, skipped: 1 }, false, undefined],
  ])('%s', (_case, tally, noSkip, expected) => {
    expect(fault(tally, { noSkip })).toBe(expected);
  });
});

describe('one copy of the engine SDK', () => {
  it('is fine', () => {
    expect(severalCopies('/x/node_modules/@pulumi/pulumi\n')).toBeUndefined();
  });

  it('a second one is a fault, of the same version or not', () => {
    const output = '/x/node_modules/@pulumi/pulumi\n/x/node_modules/@pulumi/aws/node_modules/@pulumi/pulumi\n';

    expect(severalCopies(output)).toBe('there must be one copy of @pulumi/pulumi in the tree, there are 2');
  });
});
