/**
 * A vitest reporter that counts. With CLUSTERWRIGHT_TALLY it leaves the count in that file for `npm test`, which prints it at the
 * very end; without, it prints the line itself.
 */
import { writeFileSync } from 'node:fs';
import { lastLine } from './tally.mjs';

/** The class that vitest makes, by the name in vitest.config.ts; it satisfies vitest's `Reporter`. */
export default class TallyReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const tally = count(modules, unhandledErrors.length);
    const file = process.env.CLUSTERWRIGHT_TALLY;
    if (file) writeFileSync(file, JSON.stringify(tally));
    else process.stdout.write(`${lastLine(tally)}\n`);
  }
}

/**
 * A file or group that failed outside its tests (an import, a hook) counts as one more failure, and so does every unhandled error.
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {number} unhandled
 */
function count(modules, unhandled) {
  const tally = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    tally.failed += module.errors().length;
    for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') tally.passed += 1;
      else if (state === 'skipped') tally.skipped += 1;
      else tally.failed += 1;
    }
  }
  return tally;
}
