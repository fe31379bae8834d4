/** `npm test`: lint, then the tests; the last line of the output is `N passed, N failed, N skipped`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runShown } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { runChecks } from './lint.mjs';
import { fault, lastLine, sum } from './tally.mjs';

/** Where the Backstage plugins are, with a vitest and tests of their own. */
const backstage = 'backstage';

/**
 * @param {{projects: string[], backstage?: boolean}} suites projects of vitest.config.ts, and whether the Backstage plugins are tested as well
 * @param {string[]} args for vitest, such as a file or `-t NAME`; a run of chosen tests leaves lint out
 * @returns {Promise<number>} exit code
 */
export async function test(suites, args) {
  const lintFailures = args.length === 0 ? await runChecks() : 0;
  const chosen = args.some((arg) => arg === backstage || arg.startsWith(`${backstage}/`));
  const runs = chosen ? [] : [await runVitest(root, [...suites.projects.flatMap((project) => ['--project', project]), ...args])];
  if (chosen || (suites.backstage === true && args.length === 0)) {
    runs.push(await runVitest(path.join(root, backstage), args.filter((arg) => arg !== backstage).map((arg) => (arg.startsWith(`${backstage}/`) ? arg.slice(backstage.length + 1) : arg))));
  }
  const code = runs.find((run) => run.code !== 0)?.code ?? 0;
  const tally = sum(runs.map((run) => run.tally));
  // The last line must not say "0 failed" about a run that is red for another reason.
  const total = { ...tally, failed: tally.failed + lintFailures };
  const wrong = fault(total, { noSkip: process.env.CLUSTERWRIGHT_NO_SKIP === '1' });
  if (wrong !== undefined) process.stdout.write(`\n${wrong}${lintFailures > 0 ? ` (${lintFailures} of them lint checks)` : ''}\n`);
  process.stdout.write(`\n${lastLine(total)}\n`);
  return wrong === undefined ? code : 1;
}

/**
 * @param {string} home folder with a vitest of its own
 * @param {string[]} args
 */
async function runVitest(home, args) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'clusterwright-test-'));
  const file = path.join(folder, 'tally.json');
  try {
    const code = await runShown(
      path.join(home, 'node_modules', '.bin', 'vitest'),
      ['run', ...args],
      { cwd: home, env: { ...process.env, CLUSTERWRIGHT_TALLY: file } },
    );
    /** @type {import('./tally.mjs').Tally} */
    const tally = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
    // vitest can fail without a failed test: a broken configuration, a crash.
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    return { code, tally };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
