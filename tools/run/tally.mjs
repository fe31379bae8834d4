/** How a test run is counted. The last line and the exit code both come from here, so that they cannot disagree. */

/**
 * @typedef {{passed: number, failed: number, skipped: number}} Tally
 */

/**
 * The line that ends a test run.
 * @param {Tally} tally
 */
export function lastLine(tally) {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}

/**
 * What several runs come to together.
 * @param {readonly Tally[]} tallies
 * @returns {Tally}
 */
export function sum(tallies) {
  return tallies.reduce((total, { passed, failed, skipped }) => ({ passed: total.passed + passed, failed: total.failed + failed, skipped: total.skipped + skipped }), { passed: 0, failed: 0, skipped: 0 });
}

/**
 * What stands in the way of a green run, in words.
 * @param {Tally} tally
 * @param {{noSkip: boolean}} options
 * @returns {string | undefined}
 */
export function fault(tally, options) {
  if (tally.failed > 0) return `${tally.failed} failed`;
  if (tally.passed === 0) return 'no test ran';
  if (options.noSkip && tally.skipped > 0) return 'tests were skipped although CLUSTERWRIGHT_NO_SKIP is set';
  return undefined;
}
