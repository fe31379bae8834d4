/** `npm test`: lint, then the tests; the last line of the output is `N passed, N failed, N skipped`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runShown } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { runChecks } from './lint.mjs';
import { fault, lastLine } from './tally.mjs';

/**
 * @param {string[]} projects of vitest.config.ts
 * @param {string[]} args for vitest, such as a file or `-t NAME`; a run of chosen tests leaves lint out
 * @returns {Promise<number>} exit code
 */
export async function test(projects, args) {
  const lintFailures = args.length === 0 ? await runChecks() : 0;
  const { code, tally } = await runVitest(projects, args);
  // The last line must not say "0 failed" about a run that is red for another reason.
  const total = { ...tally, failed: tally.failed + lintFailures };
  const wrong = fault(total, { noSkip: process.env.CLUSTERWRIGHT_NO_SKIP === '1' });
  if (wrong !== undefined) process.stdout.write(`\n${wrong}${lintFailures > 0 ? ` (${lintFailures} of them lint checks)` : ''}\n`);
  process.stdout.write(`\n${lastLine(total)}\n`);
  return wrong === undefined ? code : 1;
}

/**
 * @param {string[]} projects
 * @param {string[]} args
 */
async function runVitest(projects, args) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'clusterwright-test-'));
  const file = path.join(folder, 'tally.json');
  try {
    const code = await runShown(
      path.join(root, 'node_modules', '.bin', 'vitest'),
      ['run', ...projects.flatMap((project) => ['--project', project]), ...args],
      { cwd: root, env: { ...process.env, CLUSTERWRIGHT_TALLY: file } },
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
